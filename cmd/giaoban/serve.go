package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
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
	"giaoban/internal/web"
)

type serveCmd struct {
	DB           dsn `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	keySource    `embed:""`
	Addr         string         `help:"Địa chỉ lắng nghe." default:"127.0.0.1:8080"`
	Secure       bool           `help:"Trang được phục vụ qua HTTPS bởi một máy chủ trung gian."`
	TLSCert      string         `help:"Tệp chứng thư TLS (PEM): tự phục vụ HTTPS." name:"tls-cert" type:"path"`
	TLSKey       string         `help:"Tệp khóa của chứng thư TLS (PEM)." name:"tls-key" type:"path"`
	TrustedProxy []netip.Prefix `help:"Máy chủ trung gian được tin khi nêu địa chỉ người dùng (X-Forwarded-For), ví dụ 127.0.0.1/32. Mặc định không tin máy nào." name:"trusted-proxy" placeholder:"CIDR"`
	PerAddress   int            `help:"Số yêu cầu mỗi phút từ một địa chỉ; 0 là không giới hạn." name:"per-address" default:"1200"`
	PerPerson    int            `help:"Số yêu cầu mỗi phút của một tài khoản; 0 là không giới hạn." name:"per-person" default:"300"`
	mailSecret   `embed:""`
}

func (c *serveCmd) Run(e *env) error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return usageError("--tls-cert và --tls-key phải đi cùng nhau")
	}
	var certificate *tls.Config
	if c.TLSCert != "" {
		var err error
		if certificate, err = web.Certificate(c.TLSCert, c.TLSKey); err != nil {
			return err
		}
	}
	password, err := c.password()
	if err != nil {
		return err
	}
	options, err := c.options(app.Options{Log: e.log, Secure: c.Secure || certificate != nil, Proxies: c.TrustedProxy,
		Limits: web.Limits{PerAddress: c.PerAddress, PerPerson: c.PerPerson}, MailPassword: password})
	if err != nil {
		return err
	}
	a, err := app.Open(e.ctx, string(c.DB), options)
	if err != nil {
		return err
	}
	if err := (how{Secure: a.Secure, Loopback: loopback(c.Addr)}).remember(e.ctx, a); err != nil {
		return errors.Join(err, a.Close())
	}
	return serve(e, a, c.Addr, certificate)
}

// serve serves an open site until it is told to stop, and closes it.
func serve(e *env, a *app.App, addr string, certificate *tls.Config) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		_ = a.Close()
		return fmt.Errorf("không mở được địa chỉ %s: %w", addr, err)
	}
	scheme := "http"
	if certificate != nil {
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
	if err := web.ServeOn(e.ctx, l, certificate, a.Handler(a.Secure), e.log); err != nil {
		_ = a.Close()
		return err
	}
	return a.Close()
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
	return serve(e, a, c.Addr, nil)
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
	if c.JSON {
		if err := json.NewEncoder(e.out).Encode(struct {
			figure.Verified
			Trail audit.Checked `json:"trail"`
		}{v, trail}); err != nil {
			return err
		}
	} else {
		printVerified(e, v)
		printTrail(e, trail)
	}
	if v.Differences > 0 || trail.Flaws > 0 {
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
