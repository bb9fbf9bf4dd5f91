"""The look: tokens as colours, fonts, icons and one style sheet."""
