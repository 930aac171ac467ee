// The sheet of a unit as a grid: keys and the clipboard as a spreadsheet has them, each cell saved by itself, with its state and
// its reading beside it. Without this file the page is a form with one button. What is typed goes into the queue first
// (queue.js) and to the site from there, so a closed tab, a lost line or an ended session loses nothing.
import { hasNumber, read, sentence, show, tidy } from "./number.js";
import { HELD, Queue, WAITING, asFile } from "./queue.js";
import { aim, rowsOf } from "./paste.js";
import { judge, scaled } from "./rule.js";

let words = {};
const translate = (text) => words[text] ?? text;
const t = (text, ...args) => sentence({ format: translate(text).split(" ¦ ")[args.some((a) => a === 1) ? 0 : translate(text).split(" ¦ ").length - 1], args });

const element = (name, attributes = {}, ...children) => {
	const e = document.createElement(name);
	for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
	e.append(...children);
	return e;
};

// The signs stand beside their words: a state is never told by colour alone.
const SIGNS = { waiting: "…", saved: "✓", asked: "?", refused: "!", conflict: "⇄" };

class Cell {
	constructor(grid, data, input) {
		Object.assign(this, data, { grid, input, measure: { unit: data.unit, units: data.units ?? [], decimals: data.decimals, name: data.name.split(", ")[0], groups: grid.sheet.groups } });
		this.stood = data.text; // what the input shows when nobody is typing
		if (!input) return;
		const id = input.id;
		this.row = input.closest("tr");
		input.placeholder = t("chưa có số"); // a blank is told from a zero at a glance
		this.readingLine = element("p", { class: "reading", id: id + "-reading" });
		this.stateLine = element("p", { class: "cell-state", id: id + "-state" });
		input.closest("td").querySelectorAll(":scope > .reading").forEach((e) => e.remove());
		input.after(this.stateLine, this.readingLine);
		input.setAttribute("aria-describedby", `${id}-reading ${id}-state ${input.getAttribute("aria-describedby") ?? ""}`.trim());
		this.expectField = this.hidden("e-");
		this.shownField = this.hidden("o-");
		this.asOfField = grid.form.elements["d-" + data.key];
		this.reasonField = grid.form.elements["r-" + data.key];
		this.look();
	}

	hidden(prefix) { return this.grid.form.elements[prefix + this.key]; }

	// look says what the text in the input is taken for.
	look() {
		const text = this.input.value.trim(), found = read(text, this.measure);
		this.input.closest("td").classList.toggle("blank", text === "" || found.quantity?.blank === true);
		let line = "";
		if (found.quantity && !found.quantity.blank) {
			const reading = show(found.quantity, this.measure);
			if (hasNumber(found.quantity) && found.quantity.value === 0n && found.quantity.qualifier === "exact") line = "= " + reading + " " + t("(không phát sinh)");
			else if (reading !== text && reading !== text + " " + this.unit) line = "= " + reading;
		}
		if (this.readingLine.textContent !== line) this.readingLine.textContent = line;
		return found;
	}

	say(state, text, ...more) {
		this.state = state;
		this.stateLine.dataset.state = state;
		this.stateLine.replaceChildren();
		if (!state) return;
		this.stateLine.append(element("span", { "aria-hidden": "true", class: "sign" }, SIGNS[state]), " ", text, ...more);
		this.input.toggleAttribute("data-troubled", state === "asked" || state === "refused" || state === "conflict");
		if (state === "refused" || state === "asked") this.input.setAttribute("aria-invalid", "true");
		else this.input.removeAttribute("aria-invalid");
	}

	// show puts a text into the input that the person has not typed there just now.
	show(text) {
		this.input.value = this.stood = text;
		this.look();
	}

	took(version, text, number, exact, asOf) {
		Object.assign(this, { version, text, number, exact, asOf: asOf ?? this.asOf });
		this.expectField.value = String(version);
		this.shownField.value = text;
	}
}

class Grid {
	constructor(form) {
		this.form = form;
		this.sheet = JSON.parse(form.dataset.sheet);
		words = this.sheet.words ?? {};
		const inputs = new Map([...form.querySelectorAll("input.cell")].map((i) => [i.name.slice(2), i]));
		this.cells = this.sheet.cells.map((c) => new Cell(this, c, inputs.get(c.key)));
		this.byKey = new Map(this.cells.map((c) => [c.key, c]));
		this.done = [];
		this.undone = [];
		this.keeping = 0;
		this.chain = Promise.resolve();
		this.queue = new Queue(document.documentElement.dataset.who, (news) => this.hear(news));
		this.bar();
		form.addEventListener("keydown", (e) => this.key(e));
		form.addEventListener("keypress", (e) => { if (e.key === "Enter" && e.target.matches("input.cell")) e.preventDefault(); });
		form.addEventListener("input", (e) => this.typing(e));
		form.addEventListener("focusin", (e) => this.enter(e));
		form.addEventListener("focusout", (e) => this.leave(e));
		form.addEventListener("change", (e) => this.beside(e));
		form.addEventListener("paste", (e) => this.paste(e));
		form.addEventListener("copy", (e) => this.copy(e));
		form.addEventListener("submit", (e) => this.submit(e));
		addEventListener("online", () => this.queue.send());
		document.addEventListener("visibilitychange", () => { if (!document.hidden) this.queue.send(); });
		addEventListener("beforeunload", (e) => { if (this.keeping || this.editing && this.editing.input.value.trim() !== this.editing.stood) e.preventDefault(); });
		this.begin();
	}

	// begin shows what is known to be saved since the page was made, and what waits.
	async begin() {
		try {
			for (const k of await this.queue.known(this.sheet.path)) {
				const cell = this.byKey.get(k.key);
				if (!cell?.input || k.version <= cell.version) continue;
				cell.took(k.version, k.text, k.number, k.exact, k.asOf);
				cell.show(k.text);
			}
			for (const item of await this.queue.all()) {
				const cell = item.path === this.sheet.path ? this.byKey.get(item.key) : null;
				if (!cell?.input) continue;
				cell.show(item.text);
				if (item.reason && cell.reasonField) cell.reasonField.value = item.reason;
				if (item.state === HELD) this.hold(cell, item.answer);
				else cell.say("waiting", t("chờ gửi"));
			}
		} catch {
			this.tell(t("Trình duyệt này không giữ được số liệu khi mất mạng (chế độ ẩn danh?). Hãy dùng nút Lưu tất cả."));
			this.broken = true;
			return;
		}
		this.reckon();
		this.count();
		this.form.dataset.ready = "1";
		this.queue.send();
	}

	bar() {
		const bar = this.form.querySelector(".save-bar");
		this.undoButton = element("button", { type: "button", class: "secondary", title: "Ctrl+Z" }, t("Hoàn tác"));
		this.redoButton = element("button", { type: "button", class: "secondary", title: "Ctrl+Y" }, t("Làm lại"));
		this.fileButton = element("button", { type: "button", class: "secondary" }, t("Lưu ra tệp"));
		this.undoButton.addEventListener("click", () => this.undo());
		this.redoButton.addEventListener("click", () => this.redo());
		this.fileButton.addEventListener("click", () => this.save());
		this.status = element("p", { class: "entry-status", role: "status" });
		this.message = element("div", { class: "entry-message", role: "alert" });
		bar.querySelector(".hint")?.remove();
		bar.querySelector("button[type=submit]").textContent = t("Lưu và tải lại");
		bar.append(this.undoButton, this.redoButton, this.fileButton, this.status);
		this.checks = element("div", { class: "entry-checks" });
		bar.before(this.checks, this.message);
		this.buttons();
	}

	buttons() {
		this.undoButton.disabled = !this.done.length;
		this.redoButton.disabled = !this.undone.length;
	}

	tell(...parts) {
		const close = element("button", { type: "button", class: "link" }, t("Đóng"));
		close.addEventListener("click", () => this.message.replaceChildren());
		this.message.replaceChildren(element("div", { class: "notice notice-warn" }, ...parts, " ", close));
	}

	// count says how many cells wait, and what the line is like.
	async count() {
		if (this.keeping) return;
		const items = await this.queue.all();
		const waiting = items.filter((i) => i.state === WAITING).length, held = items.length - waiting;
		const parts = [];
		if (this.queue.line === "off") parts.push(t("Mất mạng."));
		if (this.queue.line === "busy") parts.push(t("Hệ thống đang bận, sẽ tự gửi lại."));
		if (waiting) parts.push(t("%d ô chờ gửi, đang giữ ở máy này.", waiting));
		if (held) parts.push(t("%d ô cần bạn xem lại.", held));
		if (!items.length) parts.push(t("✓ Mọi ô đã lưu."));
		this.status.replaceChildren(parts.join(" "));
		if (this.queue.line === "out") {
			const a = element("a", { href: "/dang-nhap?tiep=" + encodeURIComponent(location.pathname + location.search) }, t("Đăng nhập lại để gửi"));
			this.status.append(" ", t("Phiên đăng nhập đã kết thúc; không mất gì."), " ", a);
		}
		this.fileButton.hidden = !items.length;
	}

	// cellOf is the cell of an input.
	cellOf(input) { return input?.matches?.("input.cell") ? this.byKey.get(input.name.slice(2)) : null; }

	// open lists the cells of the rows that are not filtered out; the layout is not asked, which would be worked out anew for that.
	open() { return this.cells.filter((c) => c.row && !c.row.hidden); }

	enter(e) {
		const cell = this.cellOf(e.target);
		if (!cell) return;
		this.editing = cell;
		this.deep = false; // whether the arrows move within the text
		if (!this.sweeping) this.anchor = cell;
		cell.input.select();
		this.mark();
	}

	leave(e) {
		const cell = this.cellOf(e.target);
		if (!cell) return;
		this.commit(cell);
		if (this.editing === cell) this.editing = null;
	}

	typing(e) {
		const cell = this.cellOf(e.target);
		if (!cell) return;
		cell.look();
		this.totals();
	}

	// commit keeps what stands in a cell's input, if it is another text than before.
	commit(cell, { choice = "", again = false, group } = {}) {
		const text = cell.input.value.trim(), before = cell.stood;
		if (text === before && !again) return null;
		cell.stood = text;
		if (text !== before) this.remember(group ?? [{ key: cell.key, from: before, to: text }], !group);
		return this.keep(cell, text, choice);
	}

	remember(changes, alone) {
		if (!alone) return;
		this.done.push(changes);
		this.undone = [];
		this.buttons();
	}

	// keep puts a cell into the queue; one after another, in the order in which it was asked.
	keep(cell, text, choice = "") {
		this.form.dataset.keeping = String(++this.keeping);
		return this.chain = this.chain.then(() => this.#keep(cell, text, choice)).catch(() => { this.broken = true; }).then(() => {
			if (--this.keeping) return;
			return this.count().finally(() => { if (!this.keeping) delete this.form.dataset.keeping; });
		});
	}

	async #keep(cell, text, choice) {
		const asOf = cell.asOfField?.value ?? "", reason = cell.reasonField?.value.trim() ?? "";
		if (text === cell.text && asOf === (cell.asOf ?? "") && !choice) { // as it is saved: nothing to send
			await this.queue.drop(this.sheet.path, cell.key);
			if ((await this.mine(cell)).length === 0) {
				cell.say("", "");
				cell.input.removeAttribute("aria-invalid");
				return this.totals();
			}
		}
		const found = read(choice || text, cell.measure);
		let state = WAITING, answer;
		if (found.question) [state, answer] = [HELD, { state: "asked", message: sentence(found.question.made, translate), readings: found.question.readings }];
		else if (found.refusal) [state, answer] = [HELD, { state: "refused", message: sentence(found.refusal.made, translate) }];
		else if (cell.reason && !reason) [state, answer] = [HELD, { state: "refused", message: cell.reason + " " + t("Hãy nêu lý do sửa."), reason: true }];
		await this.queue.put({ unit: this.sheet.unit, period: this.sheet.period, path: this.sheet.path, key: cell.key, measure: cell.unit, text, choice, asOf, reason, expect: cell.version, state, answer });
		if (cell.stood === text) {
			if (state === HELD) this.hold(cell, answer);
			else cell.say("waiting", t("chờ gửi"));
		}
		this.totals();
		if (state === WAITING) this.queue.send();
	}

	async mine(cell) { return (await this.queue.all()).filter((i) => i.path === this.sheet.path && i.key === cell.key); }

	// hold shows what a person has to do about a cell.
	hold(cell, answer) {
		const more = [];
		if (answer.readings?.length) {
			const list = element("span", { class: "choices" });
			for (const r of answer.readings) {
				const b = element("button", { type: "button", class: "secondary" }, r.text);
				b.addEventListener("click", () => {
					cell.input.focus();
					cell.say("waiting", t("chờ gửi"));
					this.keep(cell, cell.stood, r.type);
				});
				list.append(b);
			}
			more.push(list);
		}
		const back = element("button", { type: "button", class: "link" }, t("Trở lại giá trị đã lưu"));
		back.addEventListener("click", async () => {
			await this.queue.drop(this.sheet.path, cell.key);
			cell.show(cell.text);
			cell.say("", "");
			cell.input.removeAttribute("aria-invalid");
			cell.input.focus();
			this.totals();
			this.count();
		});
		more.push(" ", back);
		cell.say(answer.state === "asked" ? "asked" : "refused", answer.message, ...more);
		if (answer.reason || cell.reason) cell.reasonField?.closest("details")?.setAttribute("open", "");
	}

	// hear takes the queue's news.
	async hear({ item, answer, line }) {
		if (item?.path === this.sheet.path) {
			const cell = this.byKey.get(item.key);
			if (cell?.input) await this.answered(cell, item, answer);
		}
		if (line === "out" || item || line) await this.count();
	}

	async answered(cell, item, answer) {
		const more = (await this.mine(cell)).some((i) => i.id !== item.id);
		if (answer.state === "saved") {
			cell.took(answer.version, answer.text, answer.number, answer.qualifier === "exact", item.asOf);
			this.flags(item.key, answer.flags);
			if (cell.reasonField && !more) cell.reasonField.value = "";
			if (!more && cell.stood === item.text) {
				if (this.editing !== cell) cell.show(answer.text);
				else cell.stood = item.text;
				cell.say("saved", t("đã lưu"));
			}
		} else if (answer.state === "conflict") {
			if (more) return;
			const theirs = answer.theirs;
			cell.took(theirs.version, theirs.text, "", false);
			if (this.editing !== cell || cell.input.value.trim() === item.text) cell.show(theirs.text);
			const list = element("span", { class: "rival" }, t("%s (%s, %s) và %s (bạn).", theirs.reading || t("để trống"), theirs.who, theirs.when, item.text || t("để trống")), " ",
				element("a", { href: answer.chooser }, t("Chọn giá trị đúng")));
			cell.say("conflict", t("Hai giá trị, cả hai được giữ:"), " ", list);
		} else if (!more) this.hold(cell, answer);
		this.totals();
	}

	// flags shows contradictions as the site sees them after a save.
	flags(key, flags) {
		const code = key.split(".")[0];
		for (const c of this.cells) {
			if (c.key.split(".")[0] !== code || !c.input) continue;
			const notes = c.input.closest("tr").querySelector(".cell-notes");
			notes.querySelectorAll(".flag").forEach((e) => e.remove());
			for (const f of flags.filter((x) => x.cell === c.key)) notes.prepend(element("p", { class: f.settled ? "flag flag-settled" : "flag" }, f.text));
		}
	}

	// beside hears the day and the reason of a cell.
	beside(e) {
		const key = /^[dr]-(.+)$/.exec(e.target.name ?? "")?.[1], cell = key && this.byKey.get(key);
		if (!cell?.input) return;
		if (e.target.name[0] === "d") this.keep(cell, cell.stood);
		else if (cell.state === "refused" || cell.state === "waiting") this.keep(cell, cell.stood);
	}

	// key is what a spreadsheet does with the keys.
	key(e) {
		const cell = this.cellOf(e.target);
		if (!cell || e.isComposing) return;
		const control = e.ctrlKey || e.metaKey;
		if (control && !e.altKey) {
			const act = { d: () => this.fill(), z: () => (e.shiftKey ? this.redo() : this.undoFrom(cell)), y: () => this.redo(), a: null }[e.key.toLowerCase()];
			if (act && act() !== false) e.preventDefault();
			return;
		}
		if (e.altKey) return;
		const length = cell.input.value.length, whole = cell.input.selectionStart === 0 && cell.input.selectionEnd === length;
		switch (e.key) {
			case "Enter":
				e.preventDefault();
				this.commit(cell);
				this.move(e.shiftKey ? -1 : 1);
				break;
			case "ArrowDown":
			case "ArrowUp":
				e.preventDefault();
				if (e.shiftKey) this.sweep(e.key === "ArrowDown" ? 1 : -1);
				else this.move(e.key === "ArrowDown" ? 1 : -1);
				break;
			case "Tab": {
				const all = this.open(), next = all[all.indexOf(cell) + (e.shiftKey ? -1 : 1)];
				if (!next) return; // at the ends the page goes on as everywhere
				e.preventDefault();
				next.input.focus();
				break;
			}
			case "ArrowRight": // from a cell that is not being edited to what stands beside it
				if (this.deep || !whole && length > 0) return;
				e.preventDefault();
				cell.input.closest("tr").querySelector(".cell-notes a, .cell-notes summary, .cell-notes button")?.focus();
				break;
			case "PageDown":
			case "PageUp":
				e.preventDefault();
				this.move(e.key === "PageDown" ? 10 : -10);
				break;
			case "F2":
				e.preventDefault();
				this.deep = true;
				cell.input.setSelectionRange(length, length);
				break;
			case "Escape":
				if (cell.input.value.trim() === cell.stood) return;
				e.preventDefault();
				cell.input.value = cell.stood;
				cell.look();
				cell.input.select();
				this.totals();
				break;
			case "Delete":
			case "Backspace":
				if (this.range().length < 2) return;
				e.preventDefault();
				this.puts(this.range().map((c) => [c.key, ""]));
				break;
		}
	}

	move(step) {
		const all = this.open();
		const at = all.indexOf(this.editing);
		const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
		if (next && next !== this.editing) next.input.focus();
		else this.editing?.input.select();
	}

	// sweep moves the end of a selection that begins at the anchor.
	sweep(step) {
		this.sweeping = true;
		this.move(step);
		this.sweeping = false;
		this.mark();
	}

	range() {
		const all = this.open(), a = all.indexOf(this.anchor), b = all.indexOf(this.editing);
		return a < 0 || b < 0 ? [] : all.slice(Math.min(a, b), Math.max(a, b) + 1);
	}

	mark() {
		const range = this.range(), swept = new Set(range.length > 1 ? range : []);
		for (const c of this.swept ?? []) if (!swept.has(c)) c.input.closest("td").classList.remove("swept");
		for (const c of swept) c.input.closest("td").classList.add("swept");
		this.swept = swept;
	}

	// fill puts the first of the selected cells into the others; with one cell only, the one above into it.
	fill() {
		let range = this.range();
		if (range.length === 1) {
			const all = this.open(), above = all[all.indexOf(range[0]) - 1];
			if (!above) return;
			range = [above, range[0]];
		}
		this.puts(range.slice(1).map((c) => [c.key, range[0].input.value.trim()]));
	}

	// puts writes several cells as one act that is undone as one.
	puts(list) {
		const changes = [];
		for (const [key, text] of list) {
			const cell = this.byKey.get(key);
			if (!cell?.input || cell.input.value.trim() === text && cell.stood === text) continue;
			changes.push({ key, from: cell.stood, to: text });
			cell.show(text);
			this.keep(cell, text);
		}
		if (!changes.length) return 0;
		this.done.push(changes);
		this.undone = [];
		this.buttons();
		this.editing?.input.select();
		return changes.length;
	}

	undoFrom(cell) {
		if (cell.input.value.trim() !== cell.stood) return false; // the browser's own undo of what is being typed
		this.undo();
	}

	undo() { this.step(this.done, this.undone, "from"); }

	redo() { this.step(this.undone, this.done, "to"); }

	// step goes back or forward by one act: what was not sent is not sent, what was saved becomes a version of its own.
	step(source, other, side) {
		const changes = source.pop();
		if (!changes) return;
		other.push(changes);
		for (const c of changes) {
			const cell = this.byKey.get(c.key);
			cell.show(c[side]);
			this.keep(cell, c[side]);
		}
		this.buttons();
		const first = this.byKey.get(changes[0].key);
		first.input.focus();
		first.input.select();
	}

	paste(e) {
		const cell = this.cellOf(e.target), text = e.clipboardData?.getData("text/plain") ?? "";
		if (!cell || !/[\t\n\r]/.test(text.replace(/[\r\n]+$/, "")) && !/[\r\n]$/.test(text)) return;
		e.preventDefault();
		const rows = this.cells.filter((c) => !c.row?.hidden);
		const { puts, skipped, left, wrong } = aim(rowsOf(text), rows, cell.key);
		if (wrong) {
			this.tell(t("Vùng dán có %d dòng, %d cột; biểu này chỉ nhập một cột. Hãy chép một cột số, hoặc hai cột gồm mã chỉ tiêu và số.", wrong.rows, wrong.columns));
			return;
		}
		const n = this.puts(puts);
		const parts = [element("p", {}, t("Đã dán %d ô.", n))];
		if (left) parts.push(element("p", {}, t("%d dòng cuối không còn ô để dán nên được bỏ qua.", left)));
		if (skipped.length) {
			parts.push(element("p", {}, t("Không dán vào các ô đóng:")), element("ul", {}, ...skipped.map((s) => element("li", {}, s.cell.name + ": " + s.why))));
		}
		if (left || skipped.length) this.tell(...parts);
		else this.message.replaceChildren();
	}

	copy(e) {
		const range = this.range();
		if (range.length < 2) return;
		e.preventDefault();
		e.clipboardData.setData("text/plain", range.map((c) => c.input.value).join("\n") + "\n");
	}

	// submit waits for what is on its way and shows the page anew.
	async submit(e) {
		if (this.broken) return;
		e.preventDefault();
		if (this.editing) this.commit(this.editing);
		await this.chain;
		await this.queue.send();
		const items = (await this.queue.all()).filter((i) => i.path === this.sheet.path);
		const first = items.find((i) => i.state === HELD);
		if (first) this.byKey.get(first.key)?.input?.focus();
		else if (!items.length) location.reload();
		this.count();
	}

	async save() {
		const items = (await this.queue.all()).filter((i) => i.path === this.sheet.path);
		const blob = new Blob([asFile(items)], { type: "application/json" });
		const a = element("a", { href: URL.createObjectURL(blob), download: `cho-gui-${this.sheet.unit}-${this.sheet.period}.json`.toLowerCase() });
		a.click();
		setTimeout(() => URL.revokeObjectURL(a.href), 10000);
	}

	// value is a cell's number as it stands in its input: {value, exact}, or null.
	value(key) {
		const cell = this.byKey.get(key);
		if (!cell) return null;
		if (!cell.input) return cell.number ? { value: BigInt(cell.number), exact: cell.exact, decimals: cell.decimals } : null;
		const q = read(cell.input.value.trim(), cell.measure).quantity;
		return q && hasNumber(q) ? { value: q.value, exact: q.qualifier === "exact", decimals: cell.decimals } : null;
	}

	// totals shows what stands on other cells a moment later, once for all that has changed until then: a key must not wait for it.
	totals() { this.reckoning ??= setTimeout(() => this.reckon(), 150); }

	// reckon works out sums of parts, ratios, and how full each section is.
	reckon() {
		this.reckoning = null;
		for (const cell of this.cells) {
			const row = document.getElementById("row-" + cell.key);
			if (!row) continue;
			if (cell.num && cell.den) {
				const text = this.ratio(cell), place = row.querySelector("td.now");
				if (place && place.textContent !== text) place.textContent = text;
			}
			if (cell.sum?.length) this.parts(cell, row);
		}
		for (const head of this.form.querySelectorAll("[data-filled]")) {
			const all = [...head.closest("tbody").querySelectorAll("input.cell")];
			const fixed = Number(head.dataset.shut);
			const n = all.filter((i) => !["", "-", "–"].includes(i.value.trim())).length + fixed;
			const said = t("có số liệu %d/%d ô", n, Number(head.dataset.all));
			if (head.textContent !== said) head.textContent = said;
		}
		this.check();
	}

	// check tells which rules the figures as they stand in the inputs break: the same rules, by the same logic, as before sending.
	check() {
		const rules = this.sheet.rules;
		if (!rules) return;
		const now = (key) => {
			const v = this.value(key);
			return v && scaled(v.value, v.decimals);
		};
		const broken = rules.rules.filter((r) => judge(r.expr, now, rules.figures) === "broken");
		const said = broken.map((r) => r.name).join("\n");
		if (said === this.said) return;
		this.said = said;
		if (!broken.length) return this.checks.replaceChildren();
		const list = element("ul", {}, ...broken.map((r) => {
			const cells = r.cells.map((k) => this.byKey.get(k)).filter((c) => c?.input);
			const links = cells.flatMap((c) => [" ", element("a", { href: "#row-" + c.key }, c.key)]);
			return element("li", {}, element("strong", {}, r.hard ? t("Bắt buộc") : t("Cần giải trình")), ": " + r.message, ...links);
		}));
		this.checks.replaceChildren(element("details", { class: "notice notice-warn", open: "" }, element("summary", {}, t("Số liệu trái với %d quy tắc", broken.length)), list));
	}

	parts(cell, row) {
		const list = cell.sum.map((k) => this.value(k));
		let line = row.querySelector(".sum-of-parts");
		if (list.some((v) => !v)) return line?.remove();
		const sum = list.reduce((a, v) => a + v.value, 0n), whole = this.value(cell.key);
		line ??= row.querySelector(".cell-notes").appendChild(element("p", { class: "sum-of-parts" }));
		const same = whole && whole.value === sum;
		const said = (same ? "✓ " : "≠ ") + t("Các phần cộng lại: %s", tidy(sum, cell.decimals));
		if (line.textContent !== said) line.textContent = said;
		line.classList.toggle("flag", !same);
	}

	// ratio is num / den in percent, half up, with the indicator's decimals.
	ratio(cell) {
		const n = this.value(cell.num), d = this.value(cell.den);
		if (!n || !d || d.value === 0n) return "";
		const up = 10n ** BigInt(cell.decimals + 2 + d.decimals), down = d.value * 10n ** BigInt(n.decimals);
		const text = tidy((2n * n.value * up + down) / (2n * down), cell.decimals);
		return n.exact && d.exact ? text : t("khoảng %s", text);
	}
}

const form = document.querySelector("form[data-sheet]");
if (form && typeof BigInt === "function" && document.documentElement.dataset.who) {
	new Grid(form);
	if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.register(JSON.parse(form.dataset.sheet).worker, { scope: "/so-lieu/" }).catch(() => {});
}
