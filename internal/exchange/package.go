package exchange

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/intake"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Package is what one site tells the one above it: the approved figures of a unit and all below it for a period, with what
// their codes mean and the totals that must come out of them. docs/exchange.md describes the file, ADR 19 says why it is so.
// Its JSON is canonical: fields in this order, lists in the order of their codes, no maps, so that the same state is the same
// bytes.
type Package struct {
	Head PackageHead `json:"head"`
	Body PackageBody `json:"body"`
}

// PackageHead says who sends, and the package's place among those of its unit and period. It names no person.
type PackageHead struct {
	Site     string `json:"site"`
	Key      []byte `json:"key"` // public, Ed25519
	Serial   int    `json:"serial"`
	Previous string `json:"previous"` // hash of the package before; empty at the first
	Made     string `json:"made"`     // RFC 3339, UTC
	By       string `json:"by"`       // in what role
}

// PackageBody is the state that the package is about.
type PackageBody struct {
	Unit       string             `json:"unit"`
	Period     string             `json:"period"`
	From       string             `json:"from"`
	To         string             `json:"to"`
	Layer      string             `json:"layer"`
	Units      []PackageUnit      `json:"units"`
	Indicators []PackageIndicator `json:"indicators"`
	Figures    []PackageFigure    `json:"figures"`
	Overlaps   []PackageOverlap   `json:"overlaps"`
	Missing    []string           `json:"missing"` // bodies that owe a report which is not accepted yet
	Totals     []PackageTotal     `json:"totals"`
}

// PackageUnit is a unit as it was on the period's last day, with the parents of its whole life.
type PackageUnit struct {
	Code    string          `json:"code"`
	Name    string          `json:"name"`
	Kind    string          `json:"kind"`
	Level   string          `json:"level"`
	From    string          `json:"from"`
	To      string          `json:"to"`
	Parents []PackageParent `json:"parents"`
}

// PackageParent is a parent of a unit in a tree, in [From, To).
type PackageParent struct {
	Tree string `json:"tree"`
	Unit string `json:"unit"`
	From string `json:"from"`
	To   string `json:"to"`
}

// PackageIndicator is an indicator, as far as it decides what its figures mean.
type PackageIndicator struct {
	Code     string   `json:"code"`
	Version  int      `json:"version"`
	Name     string   `json:"name"`
	Measure  string   `json:"measure"`
	Decimals int      `json:"decimals"`
	Kind     string   `json:"kind"`
	Adds     string   `json:"adds"`
	Parts    []string `json:"parts"`
}

// PackageFigure is an approved figure. Value is a plain number, absent where there is none; a figure that was approved once and
// emptied since is withdrawn.
type PackageFigure struct {
	Unit      string  `json:"unit"`
	Indicator string  `json:"indicator"`
	Part      string  `json:"part,omitempty"`
	Value     *string `json:"value,omitempty"`
	Qualifier string  `json:"qualifier,omitempty"`
	Raw       string  `json:"raw,omitempty"`
	AsOf      string  `json:"as_of,omitempty"`
	Withdrawn bool    `json:"withdrawn,omitempty"`
}

// PackageOverlap says how much of a figure is in another unit's figure too: totals above both count it once.
type PackageOverlap struct {
	Unit      string  `json:"unit"`
	Other     string  `json:"other"`
	Indicator string  `json:"indicator"`
	Part      string  `json:"part,omitempty"`
	Amount    *string `json:"amount,omitempty"`
	Reason    string  `json:"reason"`
}

// PackageTotal is what the sums of the package's unit must be. Sum is absent where figures are not added.
type PackageTotal struct {
	Indicator    string  `json:"indicator"`
	Part         string  `json:"part,omitempty"`
	Sum          *string `json:"sum,omitempty"`
	Count        int64   `json:"count"`
	Over         int64   `json:"over,omitempty"`
	Nearly       int64   `json:"nearly,omitempty"`
	About        int64   `json:"about,omitempty"`
	AtLeast      int64   `json:"at_least,omitempty"`
	AtMost       int64   `json:"at_most,omitempty"`
	Unquantified int64   `json:"unquantified,omitempty"`
}

const (
	packageVersion = "1"
	packageFirst   = intake.PackageMark + " " + packageVersion
	packageLayer   = "approved"
)

// content is the canonical JSON, one line.
func (p Package) content() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		return nil, fmt.Errorf("package of %s: %w", p.Body.Unit, err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// state is the hash of what the package says, whenever and by whom it was made.
func (b PackageBody) state() (string, error) {
	content, err := Package{Body: b}.content()
	return hashOf(content), err
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// signed are the bytes that the signature is over: the file's first two lines.
func signed(content []byte) []byte {
	return slices.Concat([]byte(packageFirst+"\n"), content, []byte("\n"))
}

// seal writes the file.
func (p Package) seal(key ed25519.PrivateKey) (file []byte, hash string, err error) {
	content, err := p.content()
	if err != nil {
		return nil, "", err
	}
	text := signed(content)
	return append(text, base64.StdEncoding.EncodeToString(ed25519.Sign(key, text))+"\n"...), hashOf(content), nil
}

// Opened is a package whose signature is good by the key in it; whose key that is, the signature does not say.
type Opened struct {
	Package
	Hash        string // of the content
	Fingerprint string
}

// Open reads a file strictly: another version, a cut, a change of any byte and a second way of writing the same are refused.
func Open(data []byte) (Opened, error) {
	var out Opened
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	lines := strings.Split(strings.TrimRight(string(data), "\r\n"), "\n")
	for i := range lines { // a mail server may have put other ends to the lines
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	version, ok := strings.CutPrefix(lines[0], intake.PackageMark+" ")
	switch {
	case !ok:
		return out, fault.Refusedf("Gói số liệu không nhận được: tệp không phải gói số liệu của Giaoban.")
	case version != packageVersion:
		if len(version) > 20 {
			version = version[:20] + "…"
		}
		return out, fault.Refusedf("Gói số liệu không nhận được: gói thuộc định dạng “%s”, hệ thống này đọc được định dạng 1. Hãy đề nghị cập nhật phần mềm ở đây, hoặc nhờ nơi gửi lập lại gói theo định dạng 1.", strings.ToValidUTF8(version, "?"))
	case len(lines) < 3:
		return out, fault.Refusedf("Gói số liệu không nhận được: tệp bị cắt cụt, thiếu nội dung hoặc chữ ký. Hãy tải lại tệp, hoặc đề nghị nơi gửi gửi lại.")
	case len(lines) > 3:
		return out, fault.Refusedf("Gói số liệu không nhận được: tệp có dòng thừa sau chữ ký. Hãy xin nơi gửi tệp gốc.")
	}
	content := []byte(lines[1])
	signature, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(signature) != ed25519.SignatureSize {
		return out, fault.Refusedf("Gói số liệu không nhận được: chữ ký bị cắt cụt hoặc hỏng. Hãy tải lại tệp, hoặc đề nghị nơi gửi gửi lại.")
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&out.Package); err != nil {
		return out, fault.Refusedf("Gói số liệu không nhận được: nội dung không đọc được: tệp đã bị sửa hoặc hỏng trên đường gửi. Hãy xin nơi gửi tệp gốc.")
	}
	if len(out.Head.Key) != ed25519.PublicKeySize || !ed25519.Verify(out.Head.Key, signed(content), signature) {
		return out, fault.Refusedf("Gói số liệu không nhận được: chữ ký không khớp với nội dung: tệp đã bị sửa hoặc hỏng trên đường gửi. Hãy xin nơi gửi tệp gốc.")
	}
	again, err := out.Package.content()
	if err != nil {
		return out, err
	}
	if !bytes.Equal(again, content) {
		return out, fault.Refusedf("Gói số liệu không nhận được: nội dung không viết theo dạng chuẩn, nên không chắc mọi nơi đọc như nhau. Hãy báo người phụ trách phần mềm ở nơi gửi.")
	}
	if why := out.check(); why != "" {
		return out, fault.Refusedf("Gói số liệu không nhận được: %s Hãy báo người phụ trách phần mềm ở nơi gửi.", fault.Word(why))
	}
	out.Hash, out.Fingerprint = hashOf(content), Fingerprint(out.Head.Key)
	return out, nil
}

// Fingerprint is a public key as people read it over the telephone: forty digits, of 132 bits of its SHA-256.
func Fingerprint(public []byte) string {
	sum := sha256.Sum256(public)
	var b strings.Builder
	for i := range 8 {
		fmt.Fprintf(&b, "%05d", binary.BigEndian.Uint32(sum[4*i:])%100_000)
	}
	return b.String()
}

// Grouped writes a fingerprint in groups of five digits.
func Grouped(fingerprint string) string {
	var groups []string
	for chunk := range slices.Chunk([]byte(fingerprint), 5) {
		groups = append(groups, string(chunk))
	}
	return strings.Join(groups, " ")
}

// fingerprintLength is how many digits a fingerprint has.
const fingerprintLength = 40

// readFingerprint takes a fingerprint as somebody has typed it.
func readFingerprint(text string) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' || r == '\u00a0' {
			return -1
		}
		return r
	}, text)
	return digits, len(digits) == fingerprintLength && strings.Trim(digits, "0123456789") == ""
}

var (
	plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,18})(\.[0-9]{0,5}[1-9])?$`)
	hexHash     = regexp.MustCompile(`^[0-9a-f]{64}$`)
	anyCode     = regexp.MustCompile(`^[A-Z0-9][A-Z0-9.-]{0,39}$`)
)

// scaled reads a plain number into the smallest unit of an indicator.
func scaled(text string, decimals int) (int64, bool) {
	if !plainNumber.MatchString(text) {
		return 0, false
	}
	r, _ := new(big.Rat).SetString(text)
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)))
	if !r.IsInt() || !r.Num().IsInt64() || plain(r.Num().Int64(), decimals) != text {
		return 0, false
	}
	return r.Num().Int64(), true
}

// check says in words what is wrong in a package that is whole: whoever signs may still write nonsense.
func (p Package) check() string {
	h, b := p.Head, p.Body
	if _, err := time.Parse(time.RFC3339, h.Made); err != nil || !strings.HasSuffix(h.Made, "Z") {
		return "ngày giờ lập gói không đúng."
	}
	if per, err := period.Parse(b.Period); err != nil || per.Code != b.Period {
		return "kỳ của gói không đúng."
	}
	switch {
	case h.Serial < 1 || h.Serial > math.MaxInt32:
		return "số thứ tự của gói không đúng."
	case (h.Serial == 1) != (h.Previous == ""), h.Previous != "" && !hexHash.MatchString(h.Previous):
		return "dấu của gói trước không đúng."
	case b.Layer != packageLayer:
		return "gói phải là số liệu đã duyệt."
	case viet.Clean(h.Site) != h.Site || h.Site == "" || len(h.Site) > 400 || viet.Clean(h.By) != h.By || len(h.By) > 400:
		return "tên nơi gửi không đúng."
	}
	decimals, why := b.declared()
	if why != "" {
		return why
	}
	return cmp.Or(b.checkFigures(decimals), b.checkOverlaps(decimals), b.checkTotals(decimals))
}

// declared gathers the units and the decimals of the indicators that the package explains, "" of which is what it lacks.
func (b PackageBody) declared() (map[string]int, string) {
	known := map[string]int{}
	units := func(u PackageUnit) string { return u.Code }
	if !rising(b.Units, units) || !rising(b.Indicators, func(i PackageIndicator) string { return i.Code }) {
		return nil, "danh mục đơn vị hoặc chỉ tiêu không theo thứ tự."
	}
	for _, u := range b.Units {
		if !anyCode.MatchString(u.Code) || viet.Clean(u.Name) != u.Name || u.Name == "" || len(u.Name) > 1000 {
			return nil, "danh mục đơn vị có mã hoặc tên không đúng."
		}
		known["unit/"+u.Code] = 0
	}
	if _, ok := known["unit/"+b.Unit]; !ok {
		return nil, "đơn vị của gói không có trong danh mục đơn vị của gói."
	}
	for _, i := range b.Indicators {
		if !anyCode.MatchString(i.Code) || i.Decimals < 0 || i.Decimals > 6 || i.Measure == "" {
			return nil, "danh mục chỉ tiêu có mã, đơn vị tính hoặc số chữ số thập phân không đúng."
		}
		for _, part := range append([]string{""}, i.Parts...) {
			known[i.Code+"/"+part] = i.Decimals
		}
	}
	return known, ""
}

// rising tells whether a list stands in the order of its keys, each once.
func rising[T any](list []T, key func(T) string) bool {
	for i := 1; i < len(list); i++ {
		if key(list[i-1]) >= key(list[i]) {
			return false
		}
	}
	return true
}

func joined(parts ...string) string { return strings.Join(parts, "\x00") }

func (b PackageBody) checkFigures(known map[string]int) string {
	if !rising(b.Figures, PackageFigure.key) {
		return "các số liệu không theo thứ tự, hoặc có ô đứng hai lần."
	}
	for _, f := range b.Figures {
		decimals, ok := known[f.Indicator+"/"+f.Part]
		if _, unit := known["unit/"+f.Unit]; !ok || !unit {
			return "có số liệu của đơn vị hoặc chỉ tiêu mà gói không giải thích."
		}
		if f.AsOf != "" {
			if day, err := time.Parse(time.DateOnly, f.AsOf); err != nil || day.Format(time.DateOnly) != f.AsOf {
				return "có ngày số liệu không đúng."
			}
		}
		if _, ok := f.value(decimals); !ok || len(f.Raw) > 4000 {
			return "có số liệu không đúng: " + f.Unit + ", " + f.Indicator + "."
		}
	}
	return ""
}

func (f PackageFigure) key() string { return joined(f.Unit, f.Indicator, f.Part) }

// value is the figure as it is stored. ok is false for a figure that says two things at once.
func (f PackageFigure) value(decimals int) (v figure.Value, ok bool) {
	q, known := viet.QualifierOf(f.Qualifier)
	if f.Withdrawn {
		return figure.Value{}, f.Value == nil && f.Qualifier == "" && f.Raw == "" && f.AsOf == ""
	}
	if !known || q == viet.Blank {
		return v, false
	}
	v.Qualifier = q
	if q == viet.Magnitude || q == viet.Range {
		return v, f.Value == nil && f.Raw != ""
	}
	if f.Value == nil {
		return v, false
	}
	v.Number, v.Has = 0, true
	v.Number, ok = scaled(*f.Value, decimals)
	return v, ok
}

func (b PackageBody) checkOverlaps(known map[string]int) string {
	if !rising(b.Overlaps, PackageOverlap.key) {
		return "các phần trùng không theo thứ tự."
	}
	for _, o := range b.Overlaps {
		decimals, ok := known[o.Indicator+"/"+o.Part]
		_, own := known["unit/"+o.Unit]
		_, other := known["unit/"+o.Other]
		if !ok || !own || !other || o.Unit == o.Other || o.Reason == "" || len(o.Reason) > 4000 {
			return "có phần trùng không đúng."
		}
		if o.Amount != nil {
			if n, ok := scaled(*o.Amount, decimals); !ok || n <= 0 {
				return "có phần trùng không đúng."
			}
		}
	}
	return ""
}

func (o PackageOverlap) key() string { return joined(o.Unit, o.Indicator, o.Part, o.Other) }

func (b PackageBody) checkTotals(known map[string]int) string {
	if !rising(b.Totals, func(t PackageTotal) string { return joined(t.Indicator, t.Part) }) {
		return "các số tổng không theo thứ tự."
	}
	for _, t := range b.Totals {
		decimals, ok := known[t.Indicator+"/"+t.Part]
		if !ok {
			return "có số tổng của chỉ tiêu mà gói không giải thích."
		}
		if t.Sum != nil {
			if _, ok := scaled(*t.Sum, decimals); !ok {
				return "có số tổng không đúng."
			}
		}
	}
	return ""
}

// sum is a total as the roll-up keeps it.
func (t PackageTotal) sum(decimals int) figure.Sum {
	s := figure.Sum{N: t.Count, Over: t.Over, Nearly: t.Nearly, About: t.About, AtLeast: t.AtLeast, AtMost: t.AtMost, Unquantified: t.Unquantified}
	if t.Sum != nil {
		s.Sum, _ = scaled(*t.Sum, decimals)
	}
	return s
}
