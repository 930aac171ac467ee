package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/exchange"
	"giaoban/internal/fault"
	"giaoban/internal/intake"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

type importCmd struct {
	DB     dsn      `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	DryRun bool     `help:"Chỉ xem trước, không ghi." name:"dry-run"`
	JSON   bool     `help:"In một đối tượng JSON." name:"json"`
	Seen   bool     `help:"Gói có chữ ký: vẫn nhận khi chuỗi gói đứt, hoặc khi ở đây có số mà gói không có." name:"accept-open"`
	Files  []string `arg:"" name:"file" help:"Tệp JSON, CSV, XLSX, DHIS2, ADX hoặc gói .goi."`
}

// imported is what --json prints.
type imported struct {
	DryRun bool           `json:"dry_run"`
	Files  []importedFile `json:"files"`
}

type importedFile struct {
	File     string           `json:"file"`
	Done     bool             `json:"done"`
	Entry    string           `json:"entry,omitempty"`
	Counts   intake.Counts    `json:"counts"`
	Notes    []intake.Problem `json:"notes,omitempty"` // of a package
	Problems []intake.Problem `json:"problems,omitempty"`
	Lines    []intake.Line    `json:"lines,omitempty"` // those refused or with a question
	Error    string           `json:"error,omitempty"`
}

func (c *importCmd) Run(e *env) error {
	a, err := app.Open(e.ctx, string(c.DB), app.Options{Log: e.log})
	if err != nil {
		return err
	}
	defer a.Close()
	out := imported{DryRun: c.DryRun}
	refused := false
	for _, name := range c.Files {
		f, err := c.one(e, a, name)
		if err != nil {
			return err
		}
		refused = refused || f.Error != ""
		out.Files = append(out.Files, f)
	}
	if c.JSON {
		if err := json.NewEncoder(e.out).Encode(out); err != nil {
			return err
		}
	} else {
		printImported(e, out)
	}
	if refused {
		return errSilent
	}
	return nil
}

// one imports a file. A file that is refused is told of in the answer; only what stops the whole command is an error.
func (c *importCmd) one(e *env, a *app.App, name string) (importedFile, error) {
	out := importedFile{File: name}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		out.Error = "Không có tệp này."
		return out, nil
	}
	if err != nil {
		return out, err
	}
	opt := intake.Options{DryRun: c.DryRun}
	if c.Seen {
		opt.Choices = map[string]int{exchange.AskChain: 0, exchange.AskExtra: 0}
	}
	p, res, err := a.Intake.Import(e.ctx, auth.System(), intake.File{Name: name, Data: data}, opt)
	out.Counts, out.Problems = p.Counts, p.Problems
	if p.Kind == intake.Signed {
		out.Notes = p.Notes
	}
	out.Lines = append(p.Ordered(intake.StateRefused, ""), p.Ordered(intake.StateQuestion, "")...)
	if err != nil {
		if fault.All(err) == nil {
			return out, err
		}
		out.Error = fault.Text(err)
		return out, nil
	}
	if c.DryRun && p.Counts.Refused+p.Counts.Question > 0 {
		out.Error = "Có dòng bị từ chối hoặc phải hỏi lại."
	}
	out.Done, out.Entry = !c.DryRun, res.Entry
	return out, nil
}

func printImported(e *env, out imported) {
	for _, f := range out.Files {
		n := f.Counts
		fmt.Fprintf(e.out, "%s: %d mới, %d thay đổi, %d không đổi, %d bị từ chối, %d phải hỏi lại, %d nội dung.\n", f.File, n.New, n.Changed, n.Equal, n.Refused, n.Question, n.Statements)
		if n.Rival > 0 {
			fmt.Fprintf(e.out, "  %d số khác với số đã nhập ở đây được để cạnh ô, chờ chọn.\n", n.Rival)
		}
		for _, p := range append(f.Problems, f.Notes...) {
			fmt.Fprintf(e.out, "  %s: %s\n", p.Address, p.Text)
		}
		for _, l := range f.Lines {
			fmt.Fprintf(e.out, "  %s: %s\n", cmp.Or(l.Where, l.At), l.Text)
		}
		switch {
		case f.Error != "":
			fmt.Fprintf(e.out, "  Không nhập: %s\n", f.Error)
		case f.Done && f.Entry == "":
			fmt.Fprintln(e.out, "  Không có gì thay đổi.")
		case f.Done:
			fmt.Fprintf(e.out, "  Đã nhập, mã lần nhập %s.\n", f.Entry)
		}
	}
}

type exportCmd struct {
	DB        dsn    `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	Format    string `enum:"dhis2,adx,csv,json," default:"" help:"dhis2 (dataValueSets JSON), adx (XML), csv hoặc json."`
	Package   bool   `help:"Gói có chữ ký cho cấp trên: số liệu đã tiếp nhận của --unit và các đơn vị bên dưới. Không có gì thay đổi thì ghi lại gói trước."`
	Hledger   bool   `help:"Sổ đóng góp của mọi đơn vị, dạng nhật ký hledger."`
	keySource `embed:""`
	Period    string `help:"Kỳ, ví dụ 2019-Q3."`
	Unit      string `help:"Mã đơn vị: chỉ đơn vị này và các đơn vị bên dưới."`
	Scheme    string `help:"Tên tắt của bảng mã cho dhis2, adx; mặc định dùng mã ở đây."`
	Approved  bool   `help:"Chỉ số liệu đã duyệt."`
	Deleted   bool   `help:"Kèm các ô đã bỏ trống, đánh dấu là đã xóa."`
	Out       string `required:"" short:"o" help:"Tệp sẽ ghi."`
}

func (c *exportCmd) Run(e *env) error {
	ways := 0
	for _, chosen := range []bool{c.Format != "", c.Package, c.Hledger} {
		if chosen {
			ways++
		}
	}
	if ways != 1 {
		return usageError("cần đúng một trong ba: --format, --package hoặc --hledger")
	}
	if (c.Period == "") != c.Hledger {
		return usageError("--hledger ghi cả sổ, không theo kỳ; các dạng khác cần --period")
	}
	opt, err := c.keySource.options(app.Options{})
	if err != nil {
		return err
	}
	a, err := existingWith(string(c.DB), e, opt)
	if err != nil {
		return err
	}
	defer a.Close()
	if c.Package {
		return c.pack(e, a)
	}
	if c.Hledger {
		var out bytes.Buffer
		if err := a.Ledger.Journal(e.ctx, auth.System(), "", &out); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "Đã ghi %s.\n", c.Out)
		return replaceFile(c.Out, out.Bytes())
	}
	f, err := a.Exchange.Export(e.ctx, auth.System(), exchange.Ask{Unit: strings.ToUpper(c.Unit), Period: c.Period, Format: exchange.Format(c.Format),
		Scheme: c.Scheme, Approved: c.Approved, Deleted: c.Deleted})
	if fault.Is(err, fault.KindNotFound) {
		err = fault.Refused("Không có đơn vị hoặc bảng mã mang mã này.")
	}
	if err != nil {
		return err
	}
	if err := replaceFile(c.Out, f.Data); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Đã ghi %s: %d số liệu.\n", c.Out, f.Count)
	for _, text := range f.Left {
		fmt.Fprintf(e.out, "  Không xuất được vì không phải một con số: %s\n", text)
	}
	return nil
}

// pack writes the signed package for the level above, and says which bodies it lacks.
func (c *exportCmd) pack(e *env, a *app.App) error {
	p, err := period.Parse(c.Period)
	if err != nil {
		return err
	}
	unit := c.Unit
	if unit == "" {
		if unit, err = topUnit(e, a); err != nil {
			return err
		}
	}
	d, err := a.Exchange.Draft(e.ctx, auth.System(), unit, p.Code)
	if fault.Is(err, fault.KindNotFound) {
		err = fault.Refused("Không có đơn vị hoặc kỳ mang mã này.")
	}
	if err != nil {
		return err
	}
	sent, made, err := a.Exchange.Make(e.ctx, auth.System(), unit, p.Code)
	if err != nil {
		return err
	}
	_, _, file, err := a.Exchange.Sending(e.ctx, auth.System(), sent.ID)
	if err != nil {
		return err
	}
	if err := replaceFile(c.Out, file); err != nil {
		return err
	}
	if !made {
		fmt.Fprintf(e.out, "Không có gì thay đổi: đã ghi lại gói số %d vào %s.\n", sent.Serial, c.Out)
	} else {
		fmt.Fprintf(e.out, "Đã lập gói số %d, %d số liệu, ghi vào %s.\n", sent.Serial, d.Figures, c.Out)
	}
	fmt.Fprintf(e.out, "Dấu khóa: %s\n", exchange.Grouped(sent.Fingerprint))
	for _, x := range d.Lacking {
		fmt.Fprintf(e.out, "  Chưa có: %s (%s)\n", x.Name, x.Code)
	}
	return nil
}

// topUnit is the place at the top of a site.
func topUnit(e *env, a *app.App) (unit string, err error) {
	err = a.DB.Read(e.ctx, func(tx *db.Tx) error {
		roots, err := org.Roots(e.ctx, tx, a.Clock.Today())
		if err == nil && len(roots) == 0 {
			return fault.Refused("Cơ sở dữ liệu chưa có đơn vị nào.")
		}
		if err == nil {
			unit = roots[0].Code
		}
		return err
	})
	return unit, err
}

// replaceFile writes a whole file or leaves what was there.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(dirOf(path), ".giaoban-*")
	if err != nil {
		return fault.Unavailable("Không ghi được vào thư mục của " + path + ". Hãy kiểm tra đường dẫn và quyền ghi.")
	}
	defer os.Remove(f.Name()) // after the rename there is nothing left to remove
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

type templateCmd struct {
	DB     dsn    `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	Unit   string `help:"Mã đơn vị; với --all là địa bàn cao nhất, mặc định là mọi đơn vị."`
	All    bool   `help:"Ghi biểu mẫu của mọi đơn vị phải báo cáo kỳ này: tệp .zip mỗi đơn vị một sổ tính, hoặc một tệp .xlsx mỗi đơn vị một trang tính."`
	Period string `required:"" help:"Kỳ, ví dụ 2019-Q3."`
	Out    string `required:"" short:"o" help:"Tệp XLSX sẽ ghi; với --all là tệp ZIP hoặc XLSX."`
}

func (c *templateCmd) Run(e *env) error {
	if c.Unit == "" && !c.All {
		return usageError("thiếu --unit (một đơn vị) hoặc --all (mọi đơn vị)")
	}
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.Close()
	f, err := os.CreateTemp(dirOf(c.Out), ".giaoban-*")
	if err != nil {
		return fault.Unavailable("Không ghi được vào thư mục của " + c.Out + ". Hãy kiểm tra đường dẫn và quyền ghi.")
	}
	defer os.Remove(f.Name()) // after the rename there is nothing left to remove
	if err := c.write(e, a, f); err != nil {
		if fault.Is(err, fault.KindNotFound) {
			err = fault.Refusedf("Không có đơn vị nào mang mã %s. Mã đơn vị xem ở trang Đơn vị.", c.Unit)
		}
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.Out); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Đã ghi %s\n", c.Out)
	return nil
}

func (c *templateCmd) write(e *env, a *app.App, f *os.File) error {
	if !c.All {
		return a.Intake.Template(e.ctx, auth.System(), strings.ToUpper(c.Unit), c.Period, f)
	}
	shape := intake.Zip
	if strings.EqualFold(filepath.Ext(c.Out), ".xlsx") {
		shape = intake.Book
	}
	n, err := a.Intake.Templates(e.ctx, auth.System(), c.Unit, c.Period, shape, f)
	if err == nil {
		fmt.Fprintf(e.out, "%d đơn vị.\n", n)
	}
	return err
}

func dirOf(path string) string {
	if i := strings.LastIndexByte(path, os.PathSeparator); i >= 0 {
		return path[:i+1]
	}
	return "."
}

type packCmd struct {
	DB     dsn    `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	Out    string `required:"" help:"Thư mục sẽ ghi." name:"out"`
	Unit   string `help:"Mã đơn vị; mặc định là địa bàn cao nhất."`
	JSON   bool   `help:"In một đối tượng JSON." name:"json"`
	Period string `arg:"" help:"Kỳ, ví dụ 2019-Q3."`
}

// packed is what --json prints.
type packed struct {
	Unit    string          `json:"unit"`
	Period  string          `json:"period"`
	Dir     string          `json:"dir"`
	Files   []packedFile    `json:"files"`
	Missing []missingPacked `json:"missing,omitempty"`
}

type packedFile struct {
	Name  string `json:"name"`
	Draft bool   `json:"draft"`
	Bytes int    `json:"bytes"`
}

type missingPacked struct {
	Document string `json:"document"`
	Reason   string `json:"reason"`
}

func (c *packCmd) Run(e *env) error {
	p, err := period.Parse(c.Period)
	if err != nil {
		return usageError(fault.Text(err))
	}
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.Close()
	unit := c.Unit
	if unit == "" {
		if unit, err = topUnit(e, a); err != nil {
			return err
		}
	}
	made, err := a.Packs.Make(e.ctx, auth.System(), unit, p)
	if err != nil {
		return err
	}
	if len(made.Papers) == 0 {
		return fault.Refused("Chưa có văn bản nào của kỳ này.")
	}
	files, err := made.WriteDir(c.Out)
	if err != nil {
		return err
	}
	out := packed{Unit: unit, Period: p.Code, Dir: c.Out}
	for _, f := range files {
		out.Files = append(out.Files, packedFile{f.Name, f.Draft, len(f.Data)})
	}
	for _, m := range made.Missing {
		out.Missing = append(out.Missing, missingPacked{m.Title, m.Reason})
	}
	if c.JSON {
		return json.NewEncoder(e.out).Encode(out)
	}
	for _, f := range files {
		fmt.Fprintf(e.out, "%s: %s\n", f.Name, f.Status())
	}
	for _, m := range out.Missing {
		fmt.Fprintf(e.out, "(chưa có %s: %s)\n", m.Document, m.Reason)
	}
	return nil
}
