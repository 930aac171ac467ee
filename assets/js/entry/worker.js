// The service worker of the sheets. Before this text stand, written by the site: const VERSION (of the assets) and const FILES
// (what a sheet loads). It keeps the assets of one version, and the sheets that somebody has opened, under a cache of that
// person: the site names the person on each sheet (X-Giaoban-Person), and a sheet of another person empties what there was.
// The line comes first always; what is kept is shown only when there is none. Nothing that is posted passes here.
const ASSETS = "giaoban-assets-" + VERSION, SHEETS = "giaoban-sheets-";

addEventListener("install", (event) => {
	event.waitUntil(caches.open(ASSETS).then((c) => c.addAll(FILES)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
	event.waitUntil((async () => {
		for (const name of await caches.keys()) if (name.startsWith("giaoban-assets-") && name !== ASSETS) await caches.delete(name);
		await clients.claim();
	})());
});

addEventListener("fetch", (event) => {
	const url = new URL(event.request.url);
	if (event.request.method !== "GET" || url.origin !== location.origin) return;
	if (url.pathname.startsWith("/assets/")) event.respondWith(asset(event.request));
	else if (event.request.mode === "navigate" && /^\/so-lieu\/[^/]+\/[^/]+$/.test(url.pathname)) event.respondWith(sheet(event.request));
});

async function asset(request) {
	return await caches.match(request) ?? fetch(request);
}

async function sheet(request) {
	let answer;
	try {
		answer = await fetch(request);
	} catch {
		return await kept(request) ?? nothing();
	}
	if (answer.status >= 502 && answer.status <= 504) return await kept(request) ?? answer;
	const person = answer.headers.get("X-Giaoban-Person");
	if (answer.ok && person) {
		for (const name of await caches.keys()) if (name.startsWith(SHEETS) && name !== SHEETS + person) await caches.delete(name);
		const copy = answer.clone();
		await caches.open(SHEETS + person).then((c) => c.put(new URL(request.url).pathname, copy));
	}
	return answer;
}

async function kept(request) {
	for (const name of await caches.keys()) {
		if (!name.startsWith(SHEETS)) continue;
		const found = await (await caches.open(name)).match(new URL(request.url).pathname);
		if (found) return found;
	}
}

async function nothing() {
	const items = [];
	for (const name of await caches.keys()) {
		if (!name.startsWith(SHEETS)) continue;
		for (const r of await (await caches.open(name)).keys()) {
			const path = new URL(r.url).pathname;
			items.push(`<li><a href="${path}">${decodeURIComponent(path.slice(9)).replace(/[<>&"]/g, "")}</a></li>`);
		}
	}
	const list = items.length ? `<p>Các biểu mở được khi mất mạng (forms that open without a line):</p><ul>${items.join("")}</ul>` : "";
	return new Response(`<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Mất mạng</title></head>
<body><main><h1>Đang mất mạng</h1><p>Biểu này chưa được mở lúc có mạng nên chưa giữ ở máy này. Những gì đã nhập ở các biểu khác vẫn còn nguyên. <span lang="en">No line; this form has not been opened on this computer before. Nothing typed is lost.</span></p>${list}</main></body></html>`,
	{ status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
}
