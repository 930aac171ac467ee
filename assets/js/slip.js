// The link of a slip bears the login and the code behind the #. They go into the form, and out of the address at once.
export function slips(root) {
	const form = root.querySelector("form[data-slip]");
	const [login, code] = decodeURIComponent(location.hash.slice(1)).split("/");
	if (!form || !login || !code) return;
	form.elements.login.value = login;
	form.elements.code.value = code;
	history.replaceState(null, "", location.pathname);
	form.elements.password.focus();
}
