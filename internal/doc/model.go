// Package doc is one model of an administrative document, rendered alike to DOCX, PDF and an HTML fragment in the official
// Vietnamese layouts, which are dated data chosen by the issuing system and the document's date. It also writes calendar
// invitations. The same Document always gives the same bytes.
//
// It refuses what is not a layout matter: it reads no database, invents no text, number or name, and never rounds or reformats
// a figure; text comes in as it is to be printed. It refuses a document without a valid date, since the date chooses the rules.
package doc

// System is whose rules lay the document out.
type System int

const (
	// State is the layout of state bodies, which the Fatherland Front and its member organisations follow as well.
	State System = iota
	// Party is the layout of Party committees and their offices.
	Party
)

// Document is one document as it is to be issued. Texts are plain, in the case they are to be read in; what a layout sets in
// capitals (issuer, type, section titles, offices) is turned into capitals when it is rendered. "\n" breaks a line.
type Document struct {
	System System
	Date   string // ISO date; it chooses the layout and is printed beside Place
	// Undated leaves the day open ("ngày     tháng 10 năm 2019") for a document that is not yet signed.
	Undated bool
	// Draft says in the head that the document is not final: "DỰ THẢO".
	Draft   bool
	Issuer  Issuer
	Number  string // "5" prints as 05; empty leaves room for the number to be written by hand
	Symbol  string // the sign of the issuing body: "MTTQ-BTT", "ThU"
	Place   string // "Hồng Lĩnh"
	Kind    Kind
	Title   string // replaces the kind's name when not empty
	Subject string // trích yếu; for a dispatch the text after "V/v"
	// Addressees are the bodies after "Kính gửi:"; none leaves the line out.
	Addressees []string
	// Bases are the "Căn cứ ..." lines, without their final ";" or ".".
	Bases []string
	Body  []Block
	// Ending puts the layout's closing mark ("./." or ".") after the last paragraph.
	Ending     bool
	Signatures []Signature
	Recipients []string // "Nơi nhận", without dash and ";"
	Archive    string   // who files it: "BTT" prints "Lưu: VT, BTT." (State), "Văn phòng Thị ủy" prints "Lưu Văn phòng Thị ủy." (Party)
	Annexes    []Annex
}

// Issuer is the left head. Parent is the superior body, Name the issuing body, Sub its organ ("Ban Thường trực").
type Issuer struct {
	Parent, Name, Sub string
}

// Signature is one signature block. A signature without a name leaves room for it.
type Signature struct {
	// Authorities are the lines above the office, such as {"TM", "Ban Thường trực"} and {"KT", "Chủ tịch"}.
	Authorities []Authority
	Office      string // "Phó Chủ tịch"; "Thư ký"; "Chủ tọa"
	Name        string
	Mark        string // stands where the signature is: "(đã ký)"
}

// Authority is in whose place a person signs. Form is TM, KT, TL, TUQ or Q; the layout punctuates it.
type Authority struct {
	Form, Body string
}

// Annex is an appendix on pages of its own, numbered from 1.
type Annex struct {
	Number    string // "I"; empty when there is only one
	Title     string
	Landscape bool // for tables too wide for an upright page
	Body      []Block
}

// Block is a part of a body: Heading, Paragraph, List or Table.
type Block interface{ block() }

// Heading opens a section. Level 0 is a part ("Phần I"), 1 is "I. TÊN MỤC", 2 is "1. Tên mục", 3 is "a) Tên mục".
// Number is written by the caller without its "." or ")".
type Heading struct {
	Level  int
	Number string
	Text   string
}

// Paragraph is running text: justified, first line indented.
type Paragraph struct {
	Runs    []Run
	Align   Align
	Flush   bool // no first-line indent
	Keep    bool // stays on one page with what follows
	Spacing Spacing
}

// Spacing is the room around a paragraph when it is not the layout's own.
type Spacing int

const (
	// Normal is the layout's distance between paragraphs.
	Normal Spacing = iota
	// Tight joins lines that belong together, such as the lines of an address.
	Tight
)

// Align is where text stands. The zero value is the place's own: justified in paragraphs, left in table cells.
type Align int

const (
	// Natural is justified in a paragraph, left in a table cell.
	Natural Align = iota
	// Left, Center and Right say it.
	Left
	Center
	Right
)

// Run is text of one look.
type Run struct {
	Text                    string
	Bold, Italic, Underline bool
	Link                    string // http(s) address or a path of this site; anything else is printed as plain text
	Note                    string // shown when the reader points at the run: where a number comes from
}

// List is a sequence of items.
type List struct {
	Marks Marks
	Items [][]Run
}

// Marks is what stands before the items of a list.
type Marks int

const (
	// Dashes are "- ".
	Dashes Marks = iota
	// Letters are a), b), c), d), đ), e) in the order of the Vietnamese alphabet.
	Letters
	// Numbers are "1. ".
	Numbers
)

// Table is a ruled table. Its header rows stand again on each page that it runs over.
type Table struct {
	Caption string // above the table
	Unit    string // "Đơn vị tính: triệu đồng", right above the table
	Columns []Column
	Groups  []Group // an upper header row over some of the columns
	Rows    []Row
	Total   *Row // the last row, in bold
}

// Column is one column. Width is a share of the table's width relative to the other columns' shares; 0 counts as 1.
type Column struct {
	Title string
	Width float64
	Align Align
}

// Group is a header over the columns From to From+Span-1 (counted from 0).
type Group struct {
	Title      string
	From, Span int
}

// Row is one row; missing cells are empty, cells beyond the columns are an error.
type Row struct {
	Cells []Cell
	Bold  bool // a group's heading or a subtotal
}

// Cell is what a row has in one column. Span over 1 covers the following columns too.
type Cell struct {
	Runs  []Run
	Align Align // Natural takes the column's
	Span  int
}

func (Heading) block()   {}
func (Paragraph) block() {}
func (List) block()      {}
func (Table) block()     {}

// Text is a paragraph of plain text.
func Text(text string) Paragraph { return Paragraph{Runs: []Run{{Text: text}}} }

// Runs is a paragraph of several runs.
func Runs(runs ...Run) Paragraph { return Paragraph{Runs: runs} }

// Cells makes a row of plain cells.
func Cells(texts ...string) Row {
	row := Row{Cells: make([]Cell, len(texts))}
	for i, text := range texts {
		row.Cells[i] = Cell{Runs: []Run{{Text: text}}}
	}
	return row
}

// Items makes list items of plain text.
func Items(texts ...string) [][]Run {
	items := make([][]Run, len(texts))
	for i, text := range texts {
		items[i] = []Run{{Text: text}}
	}
	return items
}
