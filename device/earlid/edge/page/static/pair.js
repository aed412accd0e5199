// The link in the terminal has the code behind its #, which no server ever sees; it is typed in here.

const field = document.getElementById("code");
const code = decodeURIComponent(location.hash.slice(1));
if (code) {
  history.replaceState(null, "", "/pair");
  field.value = code;
  document.getElementById("pair").requestSubmit();
}
