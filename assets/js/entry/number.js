// Numbers as people write them, read by the rules of internal/viet, for a form that has no network. It is the same reader in
// another language: testdata/number.json beside the Go tests holds cases that both are run on. Values are BigInt, scaled by
// the indicator's decimals. read() answers {quantity}, {question} or {refusal}; it never strips and never guesses.

const BLANK = "", EXACT = "exact", OVER = "over", NEARLY = "nearly", ABOUT = "about", AT_LEAST = "at_least", AT_MOST = "at_most",
	MAGNITUDE = "magnitude", RANGE = "range";
const WORDS = { [OVER]: "trên", [NEARLY]: "gần", [ABOUT]: "khoảng", [AT_LEAST]: "ít nhất", [AT_MOST]: "không quá" };
const LONGEST_INPUT = 200, LONGEST_UNIT = 60, MOST_DECIMALS = 9;
const MAX = (1n << 63n) - 1n, MIN = -(1n << 63n);

const PREFIXES = [["không vượt quá", AT_MOST], ["không ít hơn", AT_LEAST], ["không nhiều hơn", AT_MOST], ["không quá", AT_MOST],
	["không dưới", AT_LEAST], ["ít nhất", AT_LEAST], ["tối thiểu", AT_LEAST], ["tối đa", AT_MOST], ["nhiều nhất", AT_MOST],
	["khoảng chừng", ABOUT], ["vào khoảng", ABOUT], ["ước khoảng", ABOUT], ["ước tính", ABOUT], ["ước đạt", ABOUT],
	["trên dưới", ABOUT], ["xấp xỉ", ABOUT], ["khoảng", ABOUT], ["chừng", ABOUT], ["ước", ABOUT], ["độ", ABOUT], ["trên", OVER], ["hơn", OVER],
	["gần", NEARLY], ["dưới", AT_MOST], ["đúng", EXACT], [">=", AT_LEAST], ["≥", AT_LEAST], ["<=", AT_MOST], ["≤", AT_MOST], [">", OVER], ["<", AT_MOST],
	["~", ABOUT], ["≈", ABOUT]];
const MULTIPLIERS = { "chục": 1, "trăm": 2, "nghìn": 3, "ngàn": 3, "ngìn": 3, "vạn": 4, "triệu": 6, "tr": 6, "tỷ": 9, "tỉ": 9 };
const DOUBTFUL = { ty: 9, ti: 9, "tỹ": 9, trieu: 6, nghin: 3, ngan: 3, k: 3, tram: 2, chuc: 1 };
const SHEET_ERRORS = [["#REF!", "công thức trỏ tới ô đã bị xóa"], ["#VALUE!", "công thức tính trên ô không phải là số"],
	["#DIV/0!", "công thức chia cho 0"], ["#N/A", "công thức không tìm thấy giá trị"], ["#NAME?", "công thức có tên không đúng"],
	["#NUM!", "công thức cho số không hợp lệ"], ["#NULL!", "công thức có hai vùng không giao nhau"], ["#SPILL!", "kết quả công thức không đủ chỗ"],
	["#CALC!", "công thức không tính được"], ["###", "cột quá hẹp nên không hiện số"]];
const NUMBER_WORDS = { "không": "không", "một": "một", "hai": "hai", "ba": "ba", "bốn": "bốn", "năm": "năm", "sáu": "sáu", "bảy": "bảy", "bẩy": "bảy",
	"tám": "tám", "chín": "chín", "mốt": "mốt", "tư": "tư", "lăm": "lăm", "nhăm": "lăm", "mười": "mười", "mươi": "mươi", "trăm": "trăm",
	"linh": "linh", "lẻ": "linh", "nghìn": "nghìn", "ngàn": "nghìn", "ngìn": "nghìn", "triệu": "triệu", "tỷ": "tỷ", "tỉ": "tỷ", "rưỡi": "rưỡi", "rưởi": "rưỡi" };
const DIGITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
const DIGIT_VALUES = Object.fromEntries(DIGITS.map((w, i) => [w, BigInt(i)]));
const LAST_DIGITS = { "mốt": 1n, "tư": 4n, "lăm": 5n };
const own = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);

const says = (format, ...args) => ({ format, args });
const WHAT_TO_TYPE = says("hãy gõ số, ví dụ 1500, 17,6 hoặc “trên 20 tỷ đồng”.");
const UNIT_MISSING = says("phần số cuối thiếu đơn vị.");

// sentence fills a text; translate gives it in another language.
export function sentence(made, translate = (x) => x) {
	let n = 0;
	return translate(made.format).replace(/%(%|s|d|c)/g, (all, verb) => {
		if (verb === "%") return "%";
		const arg = made.args[n++];
		return typeof arg === "object" && arg !== null ? sentence(arg, translate) : String(arg);
	});
}

class Refusal extends Error {
	constructor(raw, at, made) {
		super();
		this.made = at >= 0 ? says("“%s”, ký tự thứ %d: %s", short(raw), at + 1, made) : says("“%s”: %s", short(raw), made);
	}
}
class Question extends Error {
	constructor(raw, why, readings) {
		super();
		this.readings = readings;
		let list = readings.length ? says("%s", readings[0].text) : null;
		if (!list) this.made = says("“%s”: %s", short(raw), why);
		else if (readings.length === 1) this.made = says("“%s”: %s Có phải là %s?", short(raw), why, readings[0].text);
		else {
			for (const r of readings.slice(1)) list = says("%s hay %s", list, r.text);
			this.made = says("“%s”: %s Hãy chọn: %s?", short(raw), why, list);
		}
	}
}
const short = (s) => { const r = [...s]; return r.length > 60 ? r.slice(0, 60).join("") + "…" : s; };

const pow10 = (n) => 10n ** BigInt(n);
const shift = (a, exp) => (exp <= a.scale ? { num: a.num, scale: a.scale - exp } : { num: a.num * pow10(exp - a.scale), scale: 0 });
const at = (a, scale) => a.num * pow10(scale - a.scale);
const add = (a, b) => { const scale = Math.max(a.scale, b.scale); return { num: at(a, scale) + at(b, scale), scale }; };
const cmp = (a, b) => { const scale = Math.max(a.scale, b.scale), x = at(a, scale), y = at(b, scale); return x < y ? -1 : x > y ? 1 : 0; };
const plain = (token) => ({ num: BigInt(token.replace(/[., ]/g, "")), scale: 0 });
const unclear = (why) => ({ why, at: -1 });
const fits = (n) => n <= MAX && n >= MIN;

const isDigit = (c) => c !== undefined && c >= "0" && c <= "9";
const isLetter = (c) => c !== undefined && /^[\p{L}\p{Mn}]$/u.test(c);

// digits lists the readings of a token of digits and separators: [amounts, trouble].
function digits(token, st) {
	const count = (c) => token.split(c).length - 1;
	const points = count("."), commas = count(","), gaps = count(" ");
	if (gaps > 0) return [[plain(token)], gaps === 1 ? unclear(says("dấu cách giữa hai nhóm chữ số chưa rõ nghĩa.")) : null];
	if (points === 0 && commas === 0) return [[plain(token)], null];
	if (points > 0 && commas > 0) return mixed(token);
	if (points + commas > 1) {
		const bad = badGroup(token, commas > 0 ? "," : ".");
		return bad ? [null, bad] : [[plain(token)], null];
	}
	return single(token, st);
}

function single(token, st) {
	const i = token.search(/[.,]/), point = token[i] === ".", tail = token.length - i - 1;
	const grouped = plain(token), decimal = { num: plain(token).num, scale: tail };
	const mayGroup = tail === 3 && i <= 3 && token[0] !== "0";
	if (!mayGroup && point && tail === 3 && token[0] !== "0") return [[grouped, decimal], unclear(says("dấu chấm đứng sau hơn ba chữ số."))];
	if (!mayGroup && point && tail > 3) return [[decimal], unclear(says("sau dấu chấm có hơn ba chữ số."))];
	if (!mayGroup) return [[decimal], null];
	if (point && !st.multiplied && (!st.bound || st.decimals === 0)) return [[grouped], null];
	if (!point && !st.multiplied && st.bound && st.decimals >= 3) return [[decimal], null];
	return [[grouped, decimal], null];
}

function mixed(token) {
	const last = Math.max(token.lastIndexOf("."), token.lastIndexOf(",")), sep = token[last], other = sep === "." ? "," : ".";
	if (token.split(sep).length > 2) return [null, { why: says("dấu chấm và dấu phẩy xen kẽ nhau; hãy chỉ dùng một dấu phẩy cho phần thập phân."), at: token.indexOf(other) }];
	const bad = badGroup(token.slice(0, last), other);
	return bad ? [null, bad] : [[{ num: plain(token).num, scale: token.length - last - 1 }], null];
}

function badGroup(token, sep) {
	let place = 0;
	for (const [i, g] of token.split(sep).entries()) {
		if (i > 0 && g.length !== 3) return { why: says("nhóm chữ số “%s” phải có đúng ba chữ số; hãy gõ lại cả số, ví dụ 1.234.567.", g), at: place };
		if (g.length > 3) return { why: says("nhóm chữ số “%s” phải có không quá ba chữ số; hãy gõ lại cả số, ví dụ 1.234.567.", g), at: place };
		place += g.length + 1;
	}
	return null;
}

function termReadings(t, st, exp, multiplied) {
	let list = t.words, bad = t.why;
	if (t.token) {
		const [found, more] = digits(t.token, { ...st, multiplied });
		if (more && more.at >= 0) return [null, { why: more.why, at: more.at + t.at }];
		list = found;
		if (more) bad = more;
	}
	const out = list.map((a) => {
		const s = shift(a, exp);
		return t.half ? add(s, { num: 5n * pow10(exp - 1), scale: 0 }) : s;
	});
	if (multiplied && !bad && t.token && list.length === 1 && cmp(list[0], { num: 1000000n, scale: 0 }) >= 0) {
		return [[list[0], out[0]], unclear(says("số quá lớn so với đơn vị đứng sau."))];
	}
	return [out, bad];
}

function figureReadings(f, st, exp) {
	const last = f.terms.at(-1);
	let sums, why = null;
	for (const [i, t] of f.terms.entries()) {
		let e = t.exp, m = t.multiplied;
		if (exp > 0 && f.terms.length === 1 && !m) [e, m] = [exp, true];
		const [list, bad] = termReadings(t, st, e, m);
		if (bad) {
			if (bad.at >= 0) return [null, bad];
			why = bad;
		}
		if (i === 0) {
			sums = list;
			continue;
		}
		const limit = { num: pow10(f.terms[i - 1].exp), scale: 0 };
		const next = [];
		for (const s of sums) {
			for (const a of list) {
				if (cmp(a, limit) >= 0) return [null, { why: says("phần sau phải nhỏ hơn một đơn vị của phần trước; hãy tách thành hai ô hoặc gõ đủ cả số."), at: t.at }];
				next.push(add(s, a));
			}
		}
		sums = next;
	}
	const n = f.terms.length;
	if (n > 1 && !last.multiplied && last.token && last.token.length <= 3) {
		const [heads, bad] = figureReadings({ negative: false, terms: f.terms.slice(0, n - 1) }, st, 0);
		if (bad) return [heads, bad];
		if (last.token.length <= f.terms[n - 2].exp) {
			sums = [add(heads[0], shift(plain(last.token), f.terms[n - 2].exp - last.token.length)), ...sums];
		}
		why = unclear(UNIT_MISSING);
		if (sums.length === 2 && cmp(sums[0], sums[1]) === 0) [sums, why] = [sums.slice(0, 1), null];
	}
	if (f.negative) sums = sums.map((a) => ({ num: -a.num, scale: a.scale }));
	return [sums, why];
}

// clean is viet.NFC: composed characters, plain spaces, nothing of no width.
export function clean(s) {
	return s.replace(/[\u00A0\u202F\u2007]/g, " ").replace(/[\u200B-\u200D\u2060\uFEFF\u200E\u200F]/g, "").normalize("NFC");
}

class Scanner {
	constructor(low) { this.low = low; this.pos = 0; }
	get done() { return this.pos >= this.low.length; }
	peek(i) { return this.low[this.pos + i]; }
	spaces() { while (this.peek(0) === " ") this.pos++; }
	take(...phrases) {
		for (const p of phrases) {
			const end = this.match(p);
			if (end > 0) {
				this.pos = end;
				return p;
			}
		}
		return "";
	}
	match(phrase) {
		let i = this.pos, last = "";
		for (const r of phrase) {
			if (this.low[i] !== r) return 0;
			i++;
			last = r;
			if (r === " ") while (this.low[i] === " ") i++;
		}
		return i < this.low.length && isLetter(last) && isLetter(this.low[i]) ? 0 : i;
	}
	word() {
		let i = this.pos;
		while (isLetter(this.low[i])) i++;
		return this.low.slice(this.pos, i).join("");
	}
	number() {
		const start = this.pos;
		for (;;) {
			const c = this.peek(0);
			if (isDigit(c) || (c === "." || c === ",") && isDigit(this.peek(1)) && this.pos > start || c === " " && this.pos > start && this.groupFollows(start)) {
				this.pos++;
				continue;
			}
			return this.low.slice(start, this.pos).join("");
		}
	}
	groupFollows(start) {
		if (this.low.slice(start, this.pos).some((c) => c === "." || c === ",")) return false;
		let n = 0;
		for (let i = this.pos - 1; i >= start && isDigit(this.low[i]); i--) n++;
		const first = this.pos - n === start;
		if (n > 3 || !first && n !== 3) return false;
		return isDigit(this.peek(1)) && isDigit(this.peek(2)) && isDigit(this.peek(3)) && !isDigit(this.peek(4));
	}
	spoken() {
		const start = this.pos, tokens = [], starts = [];
		for (;;) {
			const place = this.pos;
			this.spaces();
			const word = this.word(), token = own(NUMBER_WORDS, word);
			if (!token) {
				this.pos = place;
				break;
			}
			tokens.push(token);
			starts.push(place);
			this.take(word);
		}
		const n = tokens.length;
		if (n > 1 && tokens[n - 1] === "năm") {
			const before = tokens[n - 2];
			if (own(DIGIT_VALUES, before) !== undefined || own(LAST_DIGITS, before) !== undefined || ["mươi", "mười", "rưỡi"].includes(before)) {
				this.pos = starts[n - 1];
				tokens.pop();
			}
		}
		if (!tokens.length) return [null, null];
		const found = spokenValue(tokens);
		if (!found) {
			this.pos = start;
			return [null, null];
		}
		const [values, unsure] = found;
		let why = null;
		if (unsure) {
			why = unclear(tokens.at(-1) === "năm" ? says("“năm” có thể là số 5 hoặc là đơn vị năm; nếu là số năm, hãy gõ bằng chữ số, ví dụ 200 năm.") : UNIT_MISSING);
		}
		return [values.map((v) => ({ num: v, scale: 0 })), why];
	}
}

// spokenValue reads number words: [values, unsure], or null.
function spokenValue(tokens) {
	for (const [word, value] of [["tỷ", 1000000000n], ["triệu", 1000000n], ["nghìn", 1000n]]) {
		const i = tokens.lastIndexOf(word);
		if (i < 0) continue;
		const head = spokenValue(tokens.slice(0, i));
		if (!head || value === 1000n && head[0][0] >= 1000n) return null;
		const tail = spokenTail(tokens.slice(i + 1), value);
		if (!tail) return null;
		return [head[0].flatMap((h) => tail[0].map((t) => h * value + t)), head[1] || tail[1]];
	}
	return spokenHundreds(tokens);
}

function spokenTail(tokens, unit) {
	if (!tokens.length) return [[0n], false];
	if (tokens.length === 1 && tokens[0] === "rưỡi") return [[unit / 2n], false];
	const found = spokenValue(tokens);
	if (!found || found[0][0] >= unit) return null;
	const scaled = tokens.some((t) => t === "nghìn" || t === "triệu" || t === "tỷ");
	const zeros = tokens[0] === "không" || tokens[0] === "linh";
	if (scaled || zeros || unit === 1000n && tokens.length > 1) return found;
	const v = found[0][0];
	return [[v * unit / pow10(String(v).length), ...found[0]], true];
}

function spokenHundreds(tokens) {
	let base = 0n, rest = tokens;
	if (tokens.length >= 2 && tokens[1] === "trăm") {
		const d = own(DIGIT_VALUES, tokens[0]);
		if (d === undefined) return null;
		[base, rest] = [d * 100n, tokens.slice(2)];
		if (!rest.length) return [[base], false];
		if (rest.length === 1 && rest[0] === "rưỡi") return [[base + 50n], false];
		if (rest.length === 1) {
			const e = own(DIGIT_VALUES, rest[0]);
			if (e !== undefined) return [[base + e * 10n, base + e], true];
		}
	}
	const v = tens(rest, rest.length < tokens.length);
	return v === null ? null : [[base + v], false];
}

function tens(tokens, afterHundred) {
	if (!tokens.length || tokens.length > 3) return null;
	const last = (i, forms) => {
		if (tokens.length !== i + 1) return tokens.length === i ? 0n : null;
		const form = own(LAST_DIGITS, tokens[i]);
		if (form !== undefined && forms) return form;
		const v = own(DIGIT_VALUES, tokens[i]);
		return v !== undefined && v > 0n ? v : null;
	};
	const plus = (a, b) => (b === null ? null : a + b);
	const d = own(DIGIT_VALUES, tokens[0]);
	if (tokens[0] === "linh" && tokens.length === 2) return last(1, true);
	if (tokens[0] === "mười") return plus(10n, last(1, true));
	if (d !== undefined && tokens.length === 1 && !afterHundred) return d;
	if (d !== undefined && tokens.length > 1 && tokens[1] === "mươi") return d > 1n ? plus(d * 10n, last(2, true)) : null;
	if (d !== undefined && tokens.length === 2) {
		const v = own(LAST_DIGITS, tokens[1]);
		return v !== undefined && d > 1n ? d * 10n + v : null;
	}
	return null;
}

class Reader extends Scanner {
	constructor(s, st, unit) {
		const text = clean(s).trim(), raw = [...text];
		super(raw.map((r) => {
			if (r >= "\uFF01" && r <= "\uFF5E") r = String.fromCharCode(r.charCodeAt(0) - 0xFEE0);
			else if (r === "\u2212") r = "-";
			else if (r === "\u2014") r = "–";
			else if (/^[\s\u0085]$/.test(r)) r = " ";
			const low = r.toLowerCase();
			return [...low].length === 1 ? low : r;
		}));
		Object.assign(this, { text, raw, st, unit, doubt: false });
	}

	refuse(place, made) { throw new Refusal(this.text, place, made); }

	quantity() {
		if (/^[-–]*$/.test(this.low.join(""))) return { qualifier: BLANK, raw: this.text, value: 0n, scale: 0 };
		if (this.raw.length > LONGEST_INPUT) this.refuse(-1, says("đây là một đoạn văn, không phải một số; %s", WHAT_TO_TYPE));
		for (const [text, meaning] of SHEET_ERRORS) {
			if (this.text.startsWith(text)) this.refuse(-1, says("ô bị lỗi %s (%s); hãy sửa công thức hoặc gõ số vào ô.", text, says(meaning)));
		}
		let qualifier = this.qualifier();
		const magnitude = this.magnitude(qualifier);
		if (magnitude) return magnitude;
		const from = this.take("từ") !== "";
		this.spaces();
		const ahead = this.low.slice(this.pos).join("");
		if (this.word() === "không" && !ahead.startsWith("không đồng")) {
			if (ahead === "không" || ahead === "không có") {
				const zero = { qualifier: EXACT, raw: "0", unit: this.unit, value: 0n, scale: 0 };
				throw new Question(this.text, says("chưa rõ là số 0 hay chưa có số liệu (để trống)."), [this.reading(zero), { type: "-", text: "để trống" }]);
			}
			this.refuse(-1, says("không đọc được số; %s", WHAT_TO_TYPE));
		}
		const first = this.figure();
		const [leftUnit, second] = this.second();
		const [unit, suffix] = this.rest();
		if (suffix) {
			if (second || qualifier) this.refuse(-1, says("có hai từ chỉ mức độ trái nhau; hãy chỉ giữ một từ."));
			qualifier = suffix;
		}
		if (from && !second && !suffix) this.refuse(-1, says("sau “từ …” phải có “trở lên” hoặc “đến …”."));
		if (second) {
			if (qualifier && qualifier !== ABOUT && qualifier !== EXACT) this.refuse(-1, says("một khoảng số không đi cùng từ chỉ mức độ; hãy bỏ “%s”.", WORDS[qualifier] ?? ""));
			if (leftUnit && !sameUnitText(leftUnit, unit)) this.refuse(-1, says("hai đầu khoảng có đơn vị khác nhau (“%s” và “%s”); hãy tách thành hai ô.", leftUnit, unit));
			return this.settleRange(first, second, unit);
		}
		return this.settle(first, qualifier || EXACT, unit);
	}

	qualifier() {
		let q = BLANK;
		for (;;) {
			this.spaces();
			let next = BLANK;
			for (const [phrase, qualifier] of PREFIXES) {
				if (this.take(phrase)) {
					next = qualifier;
					break;
				}
			}
			if (!next) return q;
			if (!q || next === q) q = next;
			else if (q === ABOUT || next === ABOUT) q = ABOUT;
			else this.refuse(-1, says("có hai từ chỉ mức độ trái nhau; hãy chỉ giữ một từ."));
		}
	}

	magnitude(before) {
		const start = this.pos;
		const lead = this.take("hàng", "nhiều", "vài", "mấy", "dăm", "một số", "cả", "một vài");
		if (!lead) return null;
		let end = this.pos;
		for (;;) {
			this.spaces();
			if (!this.take("chục", "trăm", "nghìn", "ngàn", "ngìn", "vạn", "triệu", "tỷ", "tỉ")) break;
			end = this.pos;
		}
		const words = this.low.slice(start, end).join("");
		if (words === lead && (lead === "hàng" || lead === "cả")) {
			this.pos = start;
			return null;
		}
		const alone = says("“%s” là một bậc độ lớn, không đi cùng từ chỉ mức độ.", words);
		if (before && before !== ABOUT) this.refuse(-1, alone);
		this.pos = end;
		const [unit, suffix] = this.rest();
		if (suffix) this.refuse(-1, alone);
		return { qualifier: MAGNITUDE, magnitude: words.trim().split(/\s+/).join(" "), unit, raw: this.text, value: 0n, scale: 0 };
	}

	figure() {
		const f = { negative: false, terms: [] };
		if (this.peek(0) === "-" && isDigit(this.peek(1))) {
			f.negative = true;
			this.pos++;
		}
		let place = this.pos;
		const [list, why] = this.spoken();
		if (list) {
			const [exp, multiplied] = this.multiplier();
			f.terms = [{ words: list, why, at: place, token: "", exp, multiplied }];
			return f;
		}
		for (;;) {
			place = this.pos;
			if (!isDigit(this.peek(0))) {
				if (place === 0 || this.done) this.refuse(-1, says("không đọc được số; %s", WHAT_TO_TYPE));
				this.refuse(place, says("chỗ này phải là một số; %s", WHAT_TO_TYPE));
			}
			const t = { token: this.number(), at: place, words: null, why: null, half: false };
			[t.exp, t.multiplied] = this.multiplier();
			const n = f.terms.length;
			if (n > 0 && t.exp >= f.terms[n - 1].exp) this.refuse(place, says("đơn vị đứng sau phải nhỏ hơn đơn vị đứng trước; hãy tách thành hai ô hoặc gõ đủ cả số."));
			let here = this.pos;
			if (t.multiplied) {
				this.spaces();
				if (this.take("rưỡi", "rưởi")) [t.half, here] = [true, this.pos];
			}
			f.terms.push(t);
			this.pos = here;
			this.spaces();
			if (!t.multiplied || t.half || !isDigit(this.peek(0))) {
				this.pos = here;
				return f;
			}
		}
	}

	multiplier() {
		let exp = 0, ok = false;
		for (;;) {
			const place = this.pos;
			this.spaces();
			const word = this.word();
			if (word === "trđ") {
				this.pos += 2;
				return [exp + 6, true];
			}
			let e = own(MULTIPLIERS, word);
			if (e === undefined) {
				e = own(DOUBTFUL, word);
				if (e === undefined || exp > 0) {
					this.pos = place;
					return [exp, ok];
				}
				this.doubt = true;
			}
			if (e < exp) {
				this.pos = place;
				return [exp, ok];
			}
			this.pos += [...word].length;
			if (word === "tr" && this.peek(0) === "." && isLetter(this.peek(1))) this.pos++;
			[exp, ok] = [exp + e, true];
		}
	}

	second() {
		const start = this.pos;
		for (let i = start; i < this.low.length; i++) {
			const inWord = i > start && isLetter(this.low[i - 1]);
			if (isDigit(this.low[i]) && !inWord) break;
			this.pos = i;
			if (inWord && isLetter(this.low[i]) || !this.take("-", "–", "đến", "tới")) continue;
			this.spaces();
			const spoken = own(NUMBER_WORDS, this.word()) !== undefined;
			if (!isDigit(this.peek(0)) && (!spoken || i > start + 1)) break;
			return [this.raw.slice(start, i).join("").trim(), this.figure()];
		}
		this.pos = start;
		return ["", null];
	}

	rest() {
		this.spaces();
		const place = this.pos;
		let end = this.low.length;
		while (end > place + 1 && ".;,".includes(this.low[end - 1]) && !isDigit(this.low[end - 2])) end--;
		let text = this.raw.slice(place, end).join("").trim(), suffix = BLANK;
		const low = this.low.slice(place, end).join("");
		for (const [words, qualifier] of [["trở lên", AT_LEAST], ["trở xuống", AT_MOST], ["trở lại", AT_MOST]]) {
			if (!low.endsWith(words)) continue;
			const before = low.slice(0, low.length - words.length);
			if (before === "" || before.endsWith(" ") || before.endsWith("%")) {
				suffix = qualifier;
				const r = [...text];
				text = r.slice(0, r.length - [...words].length).join("").trim();
				break;
			}
		}
		this.checkUnit(place, [...text]);
		return [text, suffix];
	}

	checkUnit(place, unit) {
		if (!unit.length) return;
		const low = this.low.slice(place, place + unit.length);
		if (low[0] === "e" && low.length > 1 && (low[1] === "+" || low[1] === "-" || isDigit(low[1]))) {
			this.refuse(place, says("đây là dạng số khoa học của bảng tính; hãy định dạng ô thành Số rồi gõ đủ các chữ số."));
		}
		for (const [i, c] of low.entries()) {
			if (!isDigit(c)) continue;
			const slash = i > 0 && (low[i - 1] === "/" || i > 1 && low[i - 1] === " " && low[i - 2] === "/");
			if (slash && i <= 2) this.refuse(place + i, says("đây là một tỷ số (hai số cách nhau bằng dấu “/”); hãy gõ mỗi số vào ô riêng."));
			if (i === 0 || !isLetter(low[i - 1]) || i + 1 < low.length && (isLetter(low[i + 1]) || isDigit(low[i + 1]))) {
				this.refuse(place + i, says("có thêm một số nữa; mỗi ô chỉ gõ một số, hãy tách ra."));
			}
		}
		if (!isLetter(low[0]) && !"%‰°₫$(".includes(low[0])) this.refuse(place, says("ký tự “%c” không thuộc về số hay đơn vị; %s", unit[0], WHAT_TO_TYPE));
		if (low.includes(";")) this.refuse(place, says("có nhiều phần cách nhau bằng dấu “;”; mỗi ô chỉ gõ một số, hãy tách ra."));
		if (unit.length > LONGEST_UNIT) this.refuse(place, says("sau số là cả một câu; hãy chỉ gõ số và đơn vị."));
		const sc = new Scanner(low);
		for (const [phrase] of PREFIXES) {
			if (sc.match(phrase) > 0) this.refuse(place, says("“%s” phải đứng trước số.", phrase));
		}
		const head = sc.word();
		sc.take(head);
		sc.spaces();
		if (own(NUMBER_WORDS, head) !== undefined) {
			if (own(NUMBER_WORDS, sc.word()) !== undefined) this.refuse(place, says("vừa có chữ số vừa có số bằng chữ; hãy gõ cả số bằng chữ số."));
			if (head !== "năm" && sc.done) this.refuse(place, says("có hai số liền nhau; hãy gõ một số bằng chữ số."));
		}
	}

	settle(f, qualifier, unit) {
		const [list, why] = figureReadings(f, this.st, 0);
		if (why && why.at >= 0) this.refuse(why.at, why.why);
		const found = list.filter((a) => fits(a.num) && a.scale <= MOST_DECIMALS).map((a) => ({ value: a.num, scale: a.scale, qualifier, unit, raw: this.text }));
		return this.decide(found, why);
	}

	settleRange(first, second, unit) {
		let lent = 0;
		if (second.terms.length === 1 && second.terms[0].multiplied) lent = second.terms[0].exp;
		else if (second.terms.length > 1 && !first.terms[0].multiplied) this.refuse(-1, says("đầu khoảng thiếu đơn vị; hãy gõ đủ, ví dụ “1 tỷ - 1 tỷ 500 triệu đồng”."));
		const [lows, w1] = figureReadings(first, this.st, lent);
		const [highs, w2] = figureReadings(second, this.st, 0);
		for (const w of [w1, w2]) if (w && w.at >= 0) this.refuse(w.at, w.why);
		const found = [];
		let ordered = false;
		for (const [i, low] of lows.entries()) {
			for (const [j, high] of highs.entries()) {
				if (lows.length === highs.length && i !== j || cmp(low, high) >= 0) continue;
				ordered = true;
				const scale = Math.max(low.scale, high.scale), a = at(low, scale), b = at(high, scale);
				if (fits(a) && fits(b) && scale <= MOST_DECIMALS) found.push({ value: a, low: a, high: b, scale, qualifier: RANGE, unit, raw: this.text });
			}
		}
		if (!ordered) this.refuse(-1, says("đầu khoảng phải nhỏ hơn cuối khoảng."));
		return this.decide(found, w1 ?? w2);
	}

	decide(found, why) {
		if (!found.length) throw tooLarge(this.text);
		let firstErr = null;
		const fit = found.filter((q) => {
			if (!this.st.bound) return true;
			try {
				rescale(q, this.st.decimals);
				return true;
			} catch (err) {
				firstErr ??= err;
				return false;
			}
		});
		if (!fit.length) throw firstErr;
		if (fit.length === 1 && !why && !this.doubt) return fit[0];
		if (!why) why = unclear(this.doubt ? says("đơn vị của số chưa rõ.") : says("dấu chấm hoặc dấu phẩy có thể là phân nhóm hoặc thập phân."));
		throw new Question(this.text, why.why, fit.map((q) => this.reading(q)));
	}

	reading(q) {
		const unit = q.unit || this.unit;
		let number = distinct(q.value, q.scale), said = spell(q.value, q.scale);
		if (q.qualifier === RANGE) {
			number = distinct(q.low, q.scale) + " - " + distinct(q.high, q.scale);
			said = spell(q.low, q.scale) + " đến " + spell(q.high, q.scale);
		}
		const word = WORDS[q.qualifier];
		if (word) [number, said] = [word + " " + number, word + " " + said];
		if (unit) [number, said] = [number + " " + unit, said + " " + unit];
		return { type: number, text: number + " (" + said + ")" };
	}
}

const tooLarge = (raw) => new Refusal(raw, -1, says("số quá lớn, hệ thống không lưu được; hãy kiểm tra lại số chữ số và đơn vị."));

// rescale gives a quantity so many decimals, exactly.
function rescale(q, decimals) {
	if (q.qualifier === BLANK || q.qualifier === MAGNITUDE || q.scale === decimals) return { ...q, scale: decimals };
	const out = { ...q, scale: decimals };
	for (const k of ["value", "low", "high"]) {
		if (out[k] === undefined) continue;
		if (decimals >= q.scale) out[k] *= pow10(decimals - q.scale);
		else {
			const p = pow10(q.scale - decimals);
			if (out[k] % p !== 0n) {
				throw new Refusal(q.raw, -1, decimals <= 0 ? says("chỉ tiêu này là số nguyên; hãy gõ số không có phần thập phân.")
					: says("chỉ tiêu này có %d chữ số thập phân; hãy gõ không quá %d chữ số sau dấu phẩy.", decimals, decimals));
			}
			out[k] /= p;
		}
		if (!fits(out[k])) throw tooLarge(q.raw);
	}
	return out;
}

// grouped prints value / 10^scale in Vietnamese style.
export function grouped(value, scale) {
	let text = String(value < 0n ? -value : value);
	let decimals = "";
	if (scale > 0) {
		text = text.padStart(scale + 1, "0");
		[text, decimals] = [text.slice(0, -scale), "," + text.slice(-scale)];
	}
	return (value < 0n ? "-" : "") + text.replace(/\B(?=(\d{3})+$)/g, ".") + decimals;
}

// tidy is grouped without the zeros at the end of the decimals.
export function tidy(value, scale) {
	while (scale > 0 && value % 10n === 0n) [value, scale] = [value / 10n, scale - 1];
	return grouped(value, scale);
}

function distinct(v, scale) {
	if (scale === 3) return grouped(v, scale) + "0";
	return scale === 0 && v > -1000000n && v < 1000000n ? String(v) : grouped(v, scale);
}

function spell(v, scale) {
	while (scale > 0 && v % 10n === 0n) [v, scale] = [v / 10n, scale - 1];
	if (scale === 0) return (v < 0n ? "âm " : "") + inWords(String(v < 0n ? -v : v));
	const abs = v < 0n ? -v : v, decimals = String(abs % pow10(scale));
	return (v < 0n ? "âm " : "") + inWords(String(abs / pow10(scale))) + " phẩy" + " không".repeat(scale - decimals.length) + " " + inWords(decimals);
}

function inWords(text) {
	if (text === "0") return DIGITS[0];
	if (text.length > 9) return (inWords(text.slice(0, -9)) + " tỷ " + below(text.slice(-9), true)).trim();
	return below(text, false);
}

function below(text, padded) {
	if (/^0*$/.test(text)) return "";
	const parts = [];
	while (text.length > 0) {
		const size = (text.length - 1) % 3 + 1, group = text.slice(0, size), rest = text.slice(size);
		parts.push(hundreds(group, padded) || (padded ? "không trăm" : ""));
		const unit = ["", "nghìn", "triệu"][rest.length / 3];
		if (unit) parts.push(unit);
		if (/^0*$/.test(rest)) break;
		[text, padded] = [rest, true];
	}
	return parts.join(" ");
}

function hundreds(group, padded) {
	const [h, t, u] = [...group.padStart(3, "0")].map(Number);
	if (h + t + u === 0) return "";
	const parts = [];
	if (h > 0 || padded) parts.push(DIGITS[h], "trăm");
	if (t === 0 && u > 0 && parts.length) return [...parts, "linh", DIGITS[u]].join(" ");
	if (t === 1) parts.push("mười");
	else if (t > 1) parts.push(DIGITS[t], "mươi");
	if (u === 1 && t > 1) parts.push("mốt");
	else if (u === 5 && t > 0) parts.push("lăm");
	else if (u > 0) parts.push(DIGITS[u]);
	return parts.join(" ");
}

const strip = (s) => s.normalize("NFD").replace(/[\p{Mn}\u00AD]/gu, "").replace(/[đð]/g, "d").replace(/[ĐÐ]/g, "D").normalize("NFC");
// fold is viet.Fold, the key for search.
export const fold = (s) => strip(strip(clean(s)).toLowerCase()).trim().split(/\s+/).join(" ");
const unitKey = (s) => fold(s).replace(/²/g, "2").replace(/³/g, "3").replace(/[.;, ]+$/, "");
const sameUnitText = (a, b) => unitKey(a) === unitKey(b);

const TONES = /[\u0300\u0301\u0303\u0309\u0323]/;
function canon(s) {
	let out = "", tones = "";
	for (const r of clean(s).trim().split(/\s+/).join(" ").toLowerCase().normalize("NFD")) {
		if (TONES.test(r)) {
			tones += r;
			continue;
		}
		if (!isLetter(r)) [out, tones] = [out + tones, ""];
		out += r;
	}
	return (out + tones).normalize("NFC");
}

const ascii = (s) => /^[\x00-\x7F]*$/.test(s);

// sameUnit tells whether two texts mean one unit of measure; groups are names that mean one thing everywhere.
export function sameUnit(a, b, groups) {
	if (a === b || canon(a) === canon(b)) return true;
	const group = (name) => {
		const n = groups.findIndex((g) => g.some((x) => canon(x) === canon(name)));
		if (n >= 0 || !ascii(name)) return n;
		const found = groups.flatMap((g, i) => (g.some((x) => fold(x) === fold(name)) ? [i] : []));
		return found.length === 1 ? found[0] : -1;
	};
	const x = group(a), y = group(b);
	if (x >= 0 && y >= 0) return x === y;
	return (ascii(a) || ascii(b)) && sameUnitText(a, b);
}

// parse reads a text for an indicator with these decimals and unit.
export function parse(text, { unit = "", decimals = 0 } = {}) {
	try {
		const q = /^[0-9]{1,18}$/.test(text) ? { value: BigInt(text), scale: 0, qualifier: EXACT, raw: text, unit: "" } : new Reader(text, { bound: true, decimals }, unit).quantity();
		if (q.qualifier === BLANK) return { quantity: { ...q, blank: true } };
		return { quantity: rescale({ ...q, unit: q.unit || unit }, decimals) };
	} catch (err) {
		if (err instanceof Question) return { question: err };
		if (err instanceof Refusal) return { refusal: err };
		throw err;
	}
}

const LARGEST = 100000000000000n;

// read is figure.Read and the bounds of figure.Save: what the server would say to the text. measure is {unit, decimals, name,
// units (further names of the unit), groups}.
export function read(text, measure) {
	const out = parse(text, measure);
	const q = out.quantity;
	if (!q || q.blank) return out;
	if (q.unit && !sameUnit(q.unit, measure.unit, measure.groups) && !measure.units.some((u) => sameUnit(q.unit, u, measure.groups))) {
		return { refusal: { made: says("Đơn vị tính “%s” khác với đơn vị của chỉ tiêu “%s” (%s).", q.unit, measure.name, measure.unit) } };
	}
	if ([q.value, q.low, q.high].some((v) => v !== undefined && (v > LARGEST || v < -LARGEST))) {
		return { refusal: { made: says("“%s” lớn quá mức hệ thống nhận cho một ô. Hãy kiểm tra lại số chữ số và đơn vị tính.", q.raw) } };
	}
	return out;
}

// show prints a quantity in full digits with its unit: what stands beside the input. Empty for a blank.
export function show(q, measure) {
	if (q.blank) return "";
	const text = q.qualifier === MAGNITUDE || q.qualifier === RANGE ? q.raw : (WORDS[q.qualifier] ? WORDS[q.qualifier] + " " : "") + tidy(q.value, measure.decimals);
	if (q.qualifier === MAGNITUDE || q.qualifier === RANGE) return text;
	return text + (measure.unit.startsWith("%") ? "" : " ") + measure.unit;
}

export const hasNumber = (q) => !q.blank && q.qualifier !== MAGNITUDE && q.qualifier !== RANGE;
