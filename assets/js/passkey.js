// Passkeys (WebAuthn). A form with data-passkey asks the browser's passkeys when it is sent, puts what they answer into its
// field data-answer and goes the way of any form. It shows itself only where that can work; elsewhere the page says why not.

const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// questionOf makes the browser's question of the server's: what is bytes there is base64url in JSON.
function questionOf({ publicKey }) {
	const list = (all) => all?.map((one) => ({ ...one, id: decode(one.id) }));
	const out = { ...publicKey, challenge: decode(publicKey.challenge) };
	if (publicKey.user) out.user = { ...publicKey.user, id: decode(publicKey.user.id) };
	if (publicKey.excludeCredentials) out.excludeCredentials = list(publicKey.excludeCredentials);
	if (publicKey.allowCredentials) out.allowCredentials = list(publicKey.allowCredentials);
	return out;
}

function answerOf(credential) {
	const response = {};
	for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
		if (credential.response[name]) response[name] = encode(credential.response[name]);
	}
	if (credential.response.getTransports) response.transports = credential.response.getTransports();
	return JSON.stringify({
		id: credential.id, rawId: encode(credential.rawId), type: credential.type,
		authenticatorAttachment: credential.authenticatorAttachment ?? undefined, clientExtensionResults: {}, response,
	});
}

let waiting; // what offers passkeys in the field of the login, while it does

async function ask(form, signal) {
	const body = new URLSearchParams({ viec: form.dataset.passkey });
	const response = await fetch(form.dataset.ask, { method: "POST", body, signal });
	if (!response.ok) throw new Error(`${response.status}`);
	return questionOf(await response.json());
}

function send(form, credential) {
	form.querySelector("[data-answer]").value = answerOf(credential);
	form.submit();
}

function say(form, error) {
	const place = form.querySelector("[data-said]");
	place.textContent = { NotAllowedError: form.dataset.cancelled, AbortError: form.dataset.cancelled, InvalidStateError: form.dataset.known }[error.name] ?? form.dataset.failed;
	place.hidden = false;
}

function onSubmit(form) {
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		if (form.ariaBusy === "true") return;
		waiting?.abort();
		form.ariaBusy = "true";
		form.querySelector("[data-said]").hidden = true;
		try {
			send(form, form.dataset.options
				? await navigator.credentials.create({ publicKey: questionOf(JSON.parse(form.dataset.options)) })
				: await navigator.credentials.get({ publicKey: await ask(form) }));
		} catch (error) {
			say(form, error);
			form.ariaBusy = "false";
		}
	});
}

// offer lets the browser name passkeys where the login is typed, from when somebody goes there. A question holds five minutes;
// a page that is looked at longer asks again.
async function offer(form, login) {
	if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
	const again = async () => {
		waiting?.abort();
		if (document.hidden) return document.addEventListener("visibilitychange", again, { once: true });
		const mine = waiting = new AbortController();
		const timer = setTimeout(again, 4 * 60_000);
		mine.signal.addEventListener("abort", () => clearTimeout(timer));
		try {
			send(form, await navigator.credentials.get({ mediation: "conditional", publicKey: await ask(form, mine.signal), signal: mine.signal }));
		} catch {
			// nobody chose one: the other ways stand on the page
		}
	};
	login.addEventListener("focus", again, { once: true });
	login.form.addEventListener("submit", () => waiting?.abort());
	if (document.activeElement === login) again();
}

// unableAt names why passkeys cannot be used on this page, "" when they can.
function unableAt(form) {
	if (location.origin !== form.dataset.origin) return "origin";
	return window.PublicKeyCredential && navigator.credentials?.create ? "" : "api";
}

export function passkeys(root) {
	for (const form of root.querySelectorAll("form[data-passkey], form[data-passkey-able]")) {
		const why = unableAt(form);
		if (why) {
			const text = form.parentElement.querySelector(`[data-passkey-unable="${why}"]`);
			if (text) text.hidden = false;
			continue;
		}
		form.hidden = false;
		if (!form.dataset.passkey) continue;
		onSubmit(form);
		const login = root.querySelector("input[autocomplete~=webauthn]");
		if (form.dataset.passkey === "enter" && login) offer(form, login);
	}
}
