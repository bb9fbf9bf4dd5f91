"""The demonstration: a real server beside a real client, and a technician's day played through both."""
