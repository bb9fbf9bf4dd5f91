"""Review and sign: exactly what is signed, the technician's ink, the customer's answer, and the locked record."""
