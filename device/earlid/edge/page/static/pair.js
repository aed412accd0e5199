// The link in the terminal has the code behind its #, which no server ever sees; it is typed in here.

function typeIn() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!code) return;
  history.replaceState(null, "", "/pair");
  document.getElementById("code").value = code;
  document.getElementById("pair").requestSubmit();
}

addEventListener("hashchange", typeIn); // the link, opened where this page is open already
typeIn();
