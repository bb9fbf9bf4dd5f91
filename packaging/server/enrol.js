// Shows what stands behind the # of the link, as plain text, and takes it out of the address. Nothing is sent anywhere.
"use strict";
const said = new URLSearchParams(location.hash.slice(1));
for (const name of ["organization", "login", "code"]) {
  const value = said.get(name);
  if (value) document.getElementById(name).textContent = value.slice(0, 200);
}
history.replaceState(null, "", location.pathname);
