"""What the server can do for a device, the office or an administrator. Each use commits once, at its edge."""
