// What the service worker keeps of somebody's sheets goes when they sign out here, and when a page is of another person or of
// nobody. What was typed and not yet sent (entry/queue.js) stays: it is that person's, who finds it when they are back.
const SHEETS = "giaoban-sheets-";

async function wipe(keep) {
	for (const name of await caches.keys()) if (name.startsWith(SHEETS) && name !== keep) await caches.delete(name);
}

export function wiping(root) {
	if (typeof caches === "undefined") return;
	wipe(SHEETS + (document.documentElement.dataset.who ?? "")).catch(() => {});
	for (const form of root.querySelectorAll('form[action="/dang-xuat"]')) {
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			wipe("").catch(() => {}).finally(() => form.submit());
		});
	}
}
