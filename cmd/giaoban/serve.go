package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"giaoban/internal/app"
	"giaoban/internal/audit"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/demo"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/ledger"
	"giaoban/internal/web"
)

type serveCmd struct {
	DB           dsn `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	keySource    `embed:""`
	Addr         string         `help:"Địa chỉ lắng nghe; để trống là 127.0.0.1:8080, hoặc :443 với --tls-host."`
	Secure       bool           `help:"Trang được phục vụ qua HTTPS bởi một máy chủ trung gian."`
	PlainHTTP    bool           `help:"Chấp nhận phục vụ ra mạng không mã hóa: mật khẩu đi trên đường truyền ai cũng đọc được." name:"plain-http"`
	TLSCert      string         `help:"Tệp chứng thư TLS (PEM): tự phục vụ HTTPS." name:"tls-cert" type:"path"`
	TLSKey       string         `help:"Tệp khóa của chứng thư TLS (PEM)." name:"tls-key" type:"path"`
	TLSHost      []string       `help:"Tên máy của trang, ví dụ giaoban.don-vi.vn: tự xin và gia hạn chứng thư (ACME), tự phục vụ HTTPS." name:"tls-host" placeholder:"TÊN"`
	TLSCache     string         `help:"Thư mục giữ khóa và chứng thư tự xin; mặc định là thư mục tls bên cạnh tệp cơ sở dữ liệu." name:"tls-cache" type:"path"`
	HTTPAddr     string         `help:"Với --tls-host: địa chỉ HTTP, để chứng minh tên máy và chuyển người dùng sang HTTPS; off là không mở." name:"http-addr" default:":80"`
	ACME         string         `help:"Địa chỉ của nơi cấp chứng thư; mặc định là Let's Encrypt (dùng nghĩa là đồng ý với điều khoản của họ)." name:"acme-directory" placeholder:"URL"`
	TrustedProxy []netip.Prefix `help:"Máy chủ trung gian được tin khi nêu địa chỉ người dùng (X-Forwarded-For), ví dụ 127.0.0.1/32. Mặc định không tin máy nào." name:"trusted-proxy" placeholder:"CIDR"`
	PerAddress   int            `help:"Số yêu cầu mỗi phút từ một địa chỉ; 0 là không giới hạn." name:"per-address" default:"1200"`
	PerPerson    int            `help:"Số yêu cầu mỗi phút của một tài khoản; 0 là không giới hạn." name:"per-person" default:"300"`
	mailSecret   `embed:""`
	leakedFile   `embed:""`
}

// front is where and how a site is served.
type front struct {
	addr        string
	certificate *tls.Config // nil for plain HTTP
	plainAddr   string      // of plain, where there is one
	plain       http.Handler
}

// front reads how to serve from the flags.
func (c *serveCmd) front() (f front, err error) {
	f.addr = c.Addr
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return f, usageError("--tls-cert và --tls-key phải đi cùng nhau")
	case c.TLSCert != "" && len(c.TLSHost) > 0:
		return f, usageError("chọn một trong hai: --tls-host (tự xin chứng thư) hoặc --tls-cert và --tls-key")
	case c.TLSCert != "":
		f.certificate, err = web.Certificate(c.TLSCert, c.TLSKey)
	case len(c.TLSHost) > 0:
		if f.addr == "" {
			f.addr = ":443"
		}
		folder := c.TLSCache
		if folder == "" {
			if !db.IsFile(string(c.DB)) {
				return f, usageError("với PostgreSQL hãy nêu thư mục giữ khóa và chứng thư: --tls-cache")
			}
			folder = filepath.Join(filepath.Dir(string(c.DB)), "tls")
		}
		_, port, split := net.SplitHostPort(f.addr)
		if split != nil {
			return f, usageError("--addr phải có dạng MÁY:CỔNG hoặc :CỔNG")
		}
		var issued *web.Issued
		if issued, err = web.Issue(c.TLSHost, folder, c.ACME, port); err != nil {
			return f, err
		}
		f.certificate = issued.TLS
		if c.HTTPAddr != "off" {
			f.plainAddr, f.plain = c.HTTPAddr, issued.Plain
		}
	}
	if f.addr == "" {
		f.addr = "127.0.0.1:8080"
	}
	if err == nil && f.certificate == nil && !loopback(f.addr) && len(c.TrustedProxy) == 0 && !c.PlainHTTP {
		return f, fault.Refusedf("Địa chỉ %s mở ra mạng mà không có HTTPS: mật khẩu sẽ đi trên đường truyền ai cũng đọc được. "+
			"Hãy dùng --tls-host, hoặc --tls-cert và --tls-key, hoặc nêu máy chủ trung gian có HTTPS bằng --trusted-proxy. Chỉ khi thử nghiệm trong mạng riêng: --plain-http.", f.addr)
	}
	return f, err
}

func (c *serveCmd) Run(e *env) error {
	f, err := c.front()
	if err != nil {
		return err
	}
	password, err := c.password()
	if err != nil {
		return err
	}
	leaked, err := c.list()
	if err != nil {
		return err
	}
	options, err := c.options(app.Options{Log: e.log, Leaked: leaked, Secure: c.Secure || f.certificate != nil, Proxies: c.TrustedProxy,
		Limits: web.Limits{PerAddress: c.PerAddress, PerPerson: c.PerPerson}, MailPassword: password})
	if err != nil {
		return err
	}
	a, err := app.Open(e.ctx, string(c.DB), options)
	if err != nil {
		return err
	}
	if err := (how{Secure: a.Secure, Loopback: loopback(f.addr)}).remember(e.ctx, a); err != nil {
		return errors.Join(err, a.Close())
	}
	return serve(e, a, f)
}

// serve serves an open site until it is told to stop, and closes it.
func serve(e *env, a *app.App, f front) error {
	l, err := net.Listen("tcp", f.addr)
	if err != nil {
		_ = a.Close()
		return fmt.Errorf("không mở được địa chỉ %s: %w", f.addr, err)
	}
	plainDone := make(chan error, 1)
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	if f.plain != nil {
		p, err := net.Listen("tcp", f.plainAddr)
		if err != nil {
			_ = l.Close()
			return errors.Join(fmt.Errorf("không mở được địa chỉ %s (--http-addr): %w", f.plainAddr, err), a.Close())
		}
		go func() { plainDone <- web.ServeOn(ctx, p, nil, f.plain, e.log) }()
	} else {
		plainDone <- nil
	}
	scheme := "http"
	if f.certificate != nil {
		scheme = "https"
	}
	code, err := a.Door.SetupCode(e.ctx)
	if err != nil {
		_ = l.Close()
		return errors.Join(err, a.Close())
	}
	greeting := fmt.Sprintf("Giaoban: %s://%s/\n", scheme, l.Addr())
	if code != "" {
		greeting += fmt.Sprintf("Chưa có người dùng nào. Mở trang /cai-dat và nhập mã cài đặt (dùng một lần): %s\n", code)
	}
	fmt.Fprint(e.out, greeting) // in one piece: who reads the address may read no further
	a.Run(e.ctx)
	err = web.ServeOn(ctx, l, f.certificate, a.Handler(a.Secure), e.log)
	stop()
	return errors.Join(err, <-plainDone, a.Close())
}

type demoCmd struct {
	Data     string `help:"Thư mục dữ liệu." default:"demo-data"`
	Addr     string `help:"Địa chỉ lắng nghe." default:"127.0.0.1:8080"`
	Seed     uint64 `help:"Hạt giống của dữ liệu trình diễn." default:"1"`
	InitOnly bool   `help:"Chỉ tạo cơ sở dữ liệu rồi thoát." name:"init-only"`
}

func (c *demoCmd) Run(e *env) error {
	path := filepath.Join(c.Data, "giaoban.db")
	_, missing := os.Stat(path)
	a, err := app.Open(e.ctx, path, app.Options{Log: e.log})
	if err != nil {
		return err
	}
	if missing != nil {
		if err := demo.Fill(e.ctx, a, c.Seed); err != nil {
			_ = a.Close()
			_ = os.Remove(path) // half a town is no town: the next start makes it anew
			return err
		}
		fmt.Fprintf(e.out, "Đã tạo thị xã trình diễn (hư cấu) trong %s\n", path)
	}
	if c.InitOnly {
		return a.Close()
	}
	return serve(e, a, front{addr: c.Addr})
}

type verifyCmd struct {
	DB   dsn  `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	JSON bool `help:"In một đối tượng JSON." name:"json"`
}

// existing opens a site that is there already: a mistyped path must not become an empty site that agrees with itself.
func existing(e *env, dsn string) (*app.App, error) {
	return existingWith(dsn, e, app.Options{})
}

// existingWith is existing for commands that need more of a site than its data.
func existingWith(dsn string, e *env, opt app.Options) (*app.App, error) {
	if db.IsFile(dsn) {
		if _, err := os.Stat(dsn); errors.Is(err, fs.ErrNotExist) {
			return nil, fault.Refusedf("Không có tệp cơ sở dữ liệu %s. Hãy kiểm tra đường dẫn sau --db.", dsn)
		}
	}
	opt.Log = e.log
	return app.Open(e.ctx, dsn, opt)
}

func (c *verifyCmd) Run(e *env) error {
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.DB.Close() // without sealing: what somebody has put in must not be made good by looking at it
	v, err := a.Figures.Verify(e.ctx)
	if err != nil {
		return err
	}
	trail, err := a.CheckTrail(e.ctx)
	if err != nil {
		return err
	}
	books, err := a.Ledger.Verify(e.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(e.out).Encode(struct {
			figure.Verified
			Trail audit.Checked   `json:"trail"`
			Books ledger.Verified `json:"books"`
		}{v, trail, books}); err != nil {
			return err
		}
	} else {
		printVerified(e, v)
		printTrail(e, trail)
		fmt.Fprintf(e.out, "Đã tính lại sổ đóng góp từ %d bút toán: %d sai lệch.\n", books.Entries, len(books.Differences))
		for _, d := range books.Differences {
			fmt.Fprintf(e.out, "- %s\n", d)
		}
	}
	if v.Differences > 0 || trail.Flaws > 0 || len(books.Differences) > 0 {
		return errSilent
	}
	return nil
}

func printVerified(e *env, v figure.Verified) {
	fmt.Fprintf(e.out, "Đã tính lại %d số tổng từ %d phiên bản của %d ô số liệu, %d đơn vị: %d sai lệch.\n", v.Sums, v.Versions, v.Figures, v.Units, v.Differences)
	for _, d := range v.List {
		fmt.Fprintf(e.out, "- %s: cây %d, đơn vị %d, kỳ %d, chỉ tiêu %d.%d, lớp %d: lệch %d (số lượng %d)\n", d.What, d.Hierarchy, d.Ancestor, d.Period, d.Indicator, d.Part, d.Layer, d.Off, d.OffCount)
	}
	fmt.Fprintf(e.out, "Đã đối chiếu số liệu của %d lần ghi với nhật ký; %d lần ghi có trước khi nhật ký giữ dấu số liệu nên không đối chiếu được: %d sai lệch.\n",
		v.Entries, v.Plain, len(v.Forged))
	for _, f := range v.Forged {
		fmt.Fprintf(e.out, "- số liệu %s ngoài chương trình: lần ghi %s lúc %s, người ghi %s: đã ghi %d, nay có %d\n", faultWords[f.Fault], f.Entry, at(f.At), f.Person, f.Wrote, f.Stand)
	}
}

var faultWords = map[audit.Fault]string{
	audit.Changed: "bị sửa", audit.Removed: "bị xoá", audit.Inserted: "bị thêm", audit.Order: "bị đổi thứ tự hoặc bị rút bớt ở ngay trước",
	audit.End: "bị cắt hoặc nối ở cuối", audit.Hidden: "bị gán cho đơn vị khác",
}

func at(ms int64) string { return time.UnixMilli(ms).In(clock.Zone).Format("02/01/2006 15:04:05") }

func printTrail(e *env, c audit.Checked) {
	fmt.Fprintf(e.out, "Nhật ký: %d mục đã niêm phong, %d mục chờ niêm phong: %d sai lệch.\n", c.Sealed, c.Waiting, c.Flaws)
	for _, f := range c.List {
		fmt.Fprintf(e.out, "- mục số %d %s ngoài chương trình", f.Seq, faultWords[f.Fault])
		if f.Entry != "" {
			fmt.Fprintf(e.out, ": %s", f.Entry)
		}
		if f.At != 0 {
			fmt.Fprintf(e.out, " lúc %s, người %s, %s %s %s", at(f.At), f.Person, f.House, f.Verb, f.Object)
		}
		fmt.Fprintln(e.out)
	}
	if c.Hash != "" {
		fmt.Fprintf(e.out, "Dấu cuối (nên chép lại và giữ nơi khác): %d %s\n", c.Sealed, c.Hash)
	}
}
