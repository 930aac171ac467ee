// What was typed and is not yet in the site's hands, kept in IndexedDB from the moment it is typed: one item a cell, under an
// id of its own, so that the site does the same act once however often it is sent. Items are sent one after another, in the
// order in which they were typed, by one tab at a time. Each person has their own; nobody else's are ever read.

const wrap = (request) => new Promise((done, fail) => {
	request.onsuccess = () => done(request.result);
	request.onerror = () => fail(request.error);
});

function openStore() {
	const request = indexedDB.open("giaoban-entry", 1);
	request.onupgradeneeded = () => {
		request.result.createObjectStore("items", { keyPath: "seq", autoIncrement: true }).createIndex("person", "person");
		request.result.createObjectStore("known", { keyPath: ["person", "path", "key"] }).createIndex("sheet", ["person", "path"]);
	};
	return wrap(request);
}

// newID needs no secure context, as a site within an office may be served without HTTPS.
const newID = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

// States of an item: it waits to be sent; it is held until its person does something about it.
export const WAITING = "waiting", HELD = "held";

// Answers by which an item stays as it is and is sent again later.
const AGAIN = new Set(["later", "signed-out"]);

export class Queue {
	constructor(person, hears) {
		this.person = person;
		this.hears = hears; // ({item, answer}) after each answer; ({line}) when the line is lost, back, or the person is out
		this.line = "on";
		this.wait = 0;
		this.store = openStore();
	}

	async #in(names, mode, work) {
		const store = await this.store;
		const tx = store.transaction(names, mode);
		const done = new Promise((ok, fail) => { tx.oncomplete = ok; tx.onabort = tx.onerror = () => fail(tx.error); });
		const out = await work(...[names].flat().map((n) => tx.objectStore(n)));
		await done;
		return out;
	}

	// all lists the person's items in the order in which they were typed.
	all() { return this.#in("items", "readonly", (items) => wrap(items.index("person").getAll(this.person))); }

	// put keeps a cell as typed. What was typed into the same cell before and has never been sent is replaced; what has been
	// sent and not answered stays before it, and the new item waits for the version that comes of it.
	put(cell) {
		return this.#in(["items", "known"], "readwrite", async (items, known) => {
			const same = (await wrap(items.index("person").getAll(this.person))).filter((i) => i.path === cell.path && i.key === cell.key);
			const item = { ...cell, person: this.person, id: newID(), at: Date.now(), tried: false };
			for (const old of same) {
				if (old.tried && old.state === WAITING) {
					item.after = old.id;
					continue;
				}
				item.expect = old.expect;
				item.after = old.after;
				items.delete(old.seq);
			}
			const ours = await wrap(known.get([this.person, cell.path, cell.key])); // the page may not have heard of it yet
			if (ours && ours.version > item.expect) item.expect = ours.version;
			item.seq = await wrap(items.add(item));
			return item;
		});
	}

	// drop forgets what waits of a cell and was never sent, or is held.
	drop(path, key) {
		return this.#in("items", "readwrite", async (items) => {
			for (const i of await wrap(items.index("person").getAll(this.person))) {
				if (i.path === path && i.key === key && (!i.tried || i.state === HELD)) items.delete(i.seq);
			}
		});
	}

	// known gives what the site is known to hold of a sheet's cells since its page was made.
	known(path) { return this.#in("known", "readonly", (known) => wrap(known.index("sheet").getAll([this.person, path]))); }

	// settle takes an answered item out, or holds it; items of the same cell that stand on it learn the version.
	settle(item, answer) {
		return this.#in(["items", "known"], "readwrite", async (items, known) => {
			const later = (await wrap(items.index("person").getAll(this.person))).filter((i) => i.after === item.id);
			const saved = answer.state === "saved", done = saved || answer.state === "conflict";
			if (done || later.length) items.delete(item.seq);
			else items.put({ ...item, state: HELD, answer });
			for (const i of later) items.put({ ...i, after: item.after, expect: saved ? answer.version : item.expect });
			if (saved) known.put({ person: this.person, path: item.path, key: item.key, version: answer.version, text: answer.text, number: answer.number ?? "", exact: answer.qualifier === "exact", asOf: item.asOf });
			return done || later.length === 0;
		});
	}

	#tell(line) {
		if (this.line === line) return;
		this.line = line;
		this.hears({ line });
	}

	// send sends what waits. Only one tab does so at a time.
	async send() {
		clearTimeout(this.timer);
		const run = async () => { while (await this.#one()); };
		if (navigator.locks) await navigator.locks.request("giaoban-entry-" + this.person, run);
		else await (this.running = (this.running ?? Promise.resolve()).then(run));
	}

	async #one() {
		const item = (await this.all()).find((i) => i.state === WAITING);
		if (!item) {
			this.wait = 0;
			return false;
		}
		await this.#in("items", "readwrite", (items) => wrap(items.put({ ...item, tried: true })));
		const answer = await post(item);
		if (AGAIN.has(answer.state)) {
			this.#tell(answer.state === "signed-out" ? "out" : answer.offline ? "off" : "busy");
			this.wait = Math.min(Math.max(1000, this.wait * 2, (answer.after ?? 0) * 1000), 60000);
			if (answer.state !== "signed-out") this.timer = setTimeout(() => this.send(), this.wait);
			return false;
		}
		this.wait = 0;
		this.#tell("on");
		await this.settle({ ...item, tried: true }, answer);
		this.hears({ item, answer });
		return true;
	}
}

async function post(item) {
	const body = new URLSearchParams({ id: item.id, o: item.key, v: item.text, e: String(item.expect), d: item.asOf ?? "", r: item.reason ?? "", c: item.choice ?? "" });
	try {
		const res = await fetch(item.path + "/o", { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
		if (!(res.headers.get("Content-Type") ?? "").startsWith("application/json")) return { state: "later" };
		const answer = await res.json();
		return { ...answer, after: Number(res.headers.get("Retry-After")) };
	} catch {
		return { state: "later", offline: true };
	}
}

// asFile is what waits as a file that the page of imports reads.
export function asFile(items, measures) {
	return JSON.stringify({ giaoban: 1, figures: items.map((i) => ({
		unit: i.unit, period: i.period, indicator: i.key.split(".")[0], ...(i.key.includes(".") ? { part: i.key.split(".")[1] } : {}),
		raw: i.choice || i.text || "-", measure: i.measure ?? measures?.(i.key) ?? "", ...(/^\d{4}-\d\d-\d\d$/.test(i.asOf ?? "") ? { as_of: i.asOf } : {}),
	})) }, null, "\t") + "\n";
}
