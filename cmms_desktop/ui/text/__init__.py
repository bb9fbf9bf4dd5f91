"""What the screens say, as plain sentences. No Qt here."""
