// Command giaoban runs the quarter of a locality's Fatherland Front and socio-political organisations: one binary that
// serves a site, takes files in, writes the quarter's documents and checks every total.
//
// Exit codes, because scripts rely on them: 0 done, 1 refused with a reason, 2 wrong usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"giaoban/internal/fault"
)

// cli is the command line.
type cli struct {
	Demo     demoCmd     `cmd:"" help:"Tạo và chạy thị xã trình diễn (dữ liệu hư cấu)."`
	Serve    serveCmd    `cmd:"" help:"Phục vụ một cơ sở dữ liệu."`
	Import   importCmd   `cmd:"" help:"Nhập tệp số liệu (JSON, CSV, XLSX, DHIS2, ADX, gói có chữ ký)."`
	Export   exportCmd   `cmd:"" help:"Xuất số liệu của kỳ ra tệp (DHIS2, ADX, CSV, JSON), hoặc gói có chữ ký cho cấp trên."`
	Trust    trustCmd    `cmd:"" help:"Gói số liệu có chữ ký: dấu khóa của trang, khóa của các nơi gửi."`
	Template templateCmd `cmd:"" help:"Ghi biểu mẫu XLSX cho một đơn vị và kỳ."`
	Pack     packCmd     `cmd:"" help:"Ghi hồ sơ giao ban của kỳ ra thư mục."`
	Verify   verifyCmd   `cmd:"" help:"Tính lại mọi số tổng và in các chỗ sai lệch."`
	Audit    auditCmd    `cmd:"" help:"Nhật ký: liệt kê, kiểm chứng, xuất."`
	Bench    benchCmd    `cmd:"" help:"Đo tốc độ so với cơ sở dữ liệu trần, in thành bảng."`
	Doctor   doctorCmd   `cmd:"" help:"Kiểm tra máy và trang, nêu cách xử lý."`
	Setting  settingCmd  `cmd:"" help:"Xem và đổi cài đặt của trang."`
	Job      jobCmd      `cmd:"" help:"Việc nền: liệt kê, chạy lại việc đã hỏng."`
	Mail     mailCmd     `cmd:"" help:"Thư gửi đi: gửi thử, liệt kê, ghi nhận thư bị trả lại."`
	Person   personCmd   `cmd:"" help:"Dữ liệu cá nhân của một người: xuất, xóa."`
	User     userCmd     `cmd:"" help:"Thêm, khóa, liệt kê người dùng; đặt lại mật khẩu."`
	Provider providerCmd `cmd:"" help:"Đăng nhập qua hệ thống khác (OpenID Connect)."`
}

// env is what a command works with.
type env struct {
	ctx context.Context
	out io.Writer
	log *slog.Logger

	secretFiles []string // see there
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errOut io.Writer) (code int) {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("giaoban"), kong.Writers(out, errOut), kong.Exit(func(code int) { exited = code; panic(exit{}) }),
		kong.Description("Giaoban: từ số liệu của từng tổ chức đến kết luận giao ban, công khai cho người dân."), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(errOut, err)
		return 2
	}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(exit); !ok {
				panic(r)
			}
			code = exited
		}
	}()
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(errOut, "giaoban:", err)
		return 2
	}
	if exposed(args) {
		fmt.Fprintln(errOut, "giaoban: mật khẩu cơ sở dữ liệu nằm trên dòng lệnh, ai dùng máy này cũng đọc được; hãy để địa chỉ trong biến môi trường GIAOBAN_DB hoặc trong một tệp (--db @TỆP)")
	}
	secrets := secretFiles(args, os.Getenv)
	for _, path := range secrets {
		if mode, open := openToOthers(path); open {
			fmt.Fprintf(errOut, "giaoban: người khác trên máy đọc được tệp bí mật %s (%#o); hãy chạy chmod 600 %s\n", path, mode, path)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = k.Run(&env{ctx: ctx, out: out, log: slog.New(slog.NewTextHandler(errOut, nil)), secretFiles: secrets})
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintln(errOut, "giaoban:", err)
		return 2
	case fault.All(err) != nil:
		fmt.Fprintln(errOut, "giaoban:", fault.Text(err))
	case !errors.Is(err, errSilent):
		fmt.Fprintln(errOut, "giaoban:", err)
	}
	return 1
}

// exit unwinds from kong's own exits (help).
type exit struct{}

// usageError is wrong usage that kong cannot see.
type usageError string

func (e usageError) Error() string { return string(e) }

// errSilent ends a command that has already said why.
var errSilent = errors.New("refused")
