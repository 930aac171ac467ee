package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/app"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/job"
	"giaoban/internal/mail"
	"giaoban/internal/migrate"
	"giaoban/internal/web"
)

type doctorCmd struct {
	DB   dsn  `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	JSON bool `help:"In một đối tượng JSON." name:"json"`

	TLSKey string `help:"Tệp khóa của chứng thư TLS mà giaoban serve dùng: xem người khác có đọc được không." name:"tls-key" type:"path"`

	mailSecret `embed:""`
	keySource  `embed:""`
	leakedFile `embed:""`
}

// What a check ends with.
const (
	fine = "ok"
	warn = "warn"
	fail = "fail"
)

// check is one line of what doctor found; Mend says what to do about it.
type check struct {
	Name  string `json:"name"`
	State string `json:"state"`
	Text  string `json:"text"`
	Mend  string `json:"mend,omitempty"`
}

// doctor gathers checks.
type doctor struct {
	State  string  `json:"state"`
	Checks []check `json:"checks"`
}

func (d *doctor) say(name, state, text, mend string) {
	if state == fine {
		mend = ""
	}
	d.Checks = append(d.Checks, check{name, state, text, mend})
	if d.State != fail && state != fine {
		d.State = state
	}
}

// Run looks and changes nothing: a site that lacks a migration gets none.
func (c *doctorCmd) Run(e *env) error {
	d := doctor{State: fine}
	options, err := c.options(app.Options{Log: e.log})
	if err != nil {
		return err
	}
	d.machine(time.Now())
	d.secrets(e.secretFiles)
	d.leaked(c.leakedFile)
	d.database(e, string(c.DB), options, c.mailSecret)
	d.say("sao lưu", warn, "Chương trình này chưa tự sao lưu.",
		"SQLite: dừng chương trình rồi chép tệp cơ sở dữ liệu cùng các tệp -wal, -shm sang máy khác; PostgreSQL: pg_dump. Làm mỗi ngày và thử phục hồi.")
	if c.JSON {
		if err := json.NewEncoder(e.out).Encode(d); err != nil {
			return err
		}
	} else {
		for _, one := range d.Checks {
			fmt.Fprintf(e.out, "%-4s  %s: %s\n", one.State, one.Name, one.Text)
			if one.Mend != "" {
				fmt.Fprintf(e.out, "      Cách xử lý: %s\n", one.Mend)
			}
		}
	}
	if d.State == fail {
		return errSilent
	}
	return nil
}

// secrets looks at the files with secrets that doctor is told of, as serve is.
func (d *doctor) secrets(paths []string) {
	const name = "tệp bí mật"
	for _, path := range paths {
		if mode, open := openToOthers(path); open {
			d.say(name, fail, fmt.Sprintf("Người khác trên máy đọc hoặc ghi được %s (%#o).", path, mode), "chmod 600 "+path)
		} else {
			d.say(name, fine, "Chỉ tài khoản chạy chương trình đọc được "+path+".", "")
		}
	}
}

// leaked looks at the list of leaked passwords. A site without one refuses the commonest passwords only.
func (d *doctor) leaked(file leakedFile) {
	const (
		name = "mật khẩu đã lộ"
		mend = "Tải bản SHA-1 “ordered by hash” của Pwned Passwords về máy chủ (chừng 40 GB sau giải nén) rồi nêu --leaked TỆP hoặc biến GIAOBAN_LEAKED."
	)
	list, err := file.list()
	switch {
	case err != nil:
		d.say(name, fail, fault.Text(err), mend)
	case list == nil:
		d.say(name, fine, "Chưa dùng danh sách mật khẩu đã lộ; 10.000 mật khẩu phổ biến nhất vẫn bị từ chối. Muốn chặt hơn: giaoban serve --leaked TỆP.", "")
	default:
		state, text := fine, "Danh sách mật khẩu đã lộ đọc được."
		// Everybody's second guess: any list that is one holds it.
		if found, err := list.Has("123456"); err != nil || !found {
			state, text = warn, "Tệp "+file.Leaked+" đọc được nhưng không có cả mật khẩu phổ biến nhất: có lẽ không phải danh sách mật khẩu đã lộ, hoặc bị cắt."
		}
		if err := list.Close(); err != nil {
			state, text = fail, "Không đọc được tệp mật khẩu đã lộ "+file.Leaked+"."
		}
		d.say(name, state, text, mend)
	}
}

func (d *doctor) machine(now time.Time) {
	name, offset := now.Zone()
	_, ours := now.In(clock.Zone).Zone()
	state := fine
	if offset != ours {
		state = warn
	}
	d.say("múi giờ", state, fmt.Sprintf("Máy ghi giờ %s (UTC%s). Chương trình luôn dùng giờ Việt Nam (UTC+07:00).", name, now.Format("-07:00")),
		"Để nhật ký của máy cùng giờ với chương trình: timedatectl set-timezone Asia/Ho_Chi_Minh")
}

func (d *doctor) database(e *env, place string, options app.Options, secret mailSecret) {
	file := db.IsFile(place)
	if file {
		if _, err := os.Stat(place); errors.Is(err, fs.ErrNotExist) {
			d.say("cơ sở dữ liệu", fail, "Không có tệp "+place+".", "Kiểm tra đường dẫn sau --db.")
			return
		}
		d.permissions(place)
		d.disk(filepath.Dir(place))
	}
	pending, err := d.open(e, place)
	switch {
	case err != nil:
		d.say("cơ sở dữ liệu", fail, "Không mở được: "+reason(err)+".", "Kiểm tra --db, quyền đọc ghi, và máy chủ PostgreSQL nếu dùng.")
		return
	case pending:
		d.say("lược đồ", warn, "Cơ sở dữ liệu thuộc phiên bản cũ hơn chương trình; các mục sau chưa kiểm tra được.", "Sao lưu, rồi chạy giaoban serve: lược đồ được nâng khi khởi động.")
		return
	}
	d.say("lược đồ", fine, "Cơ sở dữ liệu đúng phiên bản của chương trình.", "")
	password, wrong := secret.password()
	options.MailPassword = password
	a, err := app.Open(e.ctx, place, options)
	if err != nil {
		d.say("cơ sở dữ liệu", fail, "Không mở được: "+reason(err)+".", "Kiểm tra quyền ghi và chỗ trống trên đĩa.")
		return
	}
	defer a.DB.Close() // without sealing, as verify
	d.clock(e.ctx, a)
	d.people(e.ctx, a)
	d.key(e.ctx, a)
	d.providers(e, a)
	d.served(e.ctx, a)
	d.contact(e.ctx, a)
	d.mail(e.ctx, a, secret, wrong)
	d.jobs(e.ctx, a)
	d.totals(e.ctx, a)
	d.trail(e.ctx, a)
}

// open tells whether the site lacks a migration.
func (d *doctor) open(e *env, place string) (pending bool, err error) {
	site, err := db.Open(e.ctx, place)
	if err != nil {
		return false, err
	}
	pending, err = migrate.Pending(e.ctx, site)
	return pending, errors.Join(err, site.Close())
}

func reason(err error) string {
	if fault.All(err) != nil {
		return fault.Text(err)
	}
	return err.Error()
}

// permissions looks at the file of the database and its side files.
func (d *doctor) permissions(path string) {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			continue // the side files come and go
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			d.say("quyền tệp", fail, fmt.Sprintf("Người khác trên máy đọc hoặc ghi được %s (%#o).", name, mode), "chmod 600 "+name)
			return
		}
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
		d.say("quyền tệp", fail, "Ai trên máy cũng thay được tệp trong thư mục "+dir+".", "chmod o-w "+dir)
		return
	}
	d.say("quyền tệp", fine, "Chỉ tài khoản chạy chương trình đọc và ghi được cơ sở dữ liệu.", "")
}

const (
	littleSpace = 2 << 30
	noSpace     = 256 << 20
	slowSync    = 50 * time.Millisecond
)

func (d *doctor) disk(dir string) {
	if free, known := freeSpace(dir); known {
		state := fine
		switch {
		case free < noSpace:
			state = fail
		case free < littleSpace:
			state = warn
		}
		d.say("chỗ trống", state, fmt.Sprintf("Đĩa của %s còn %d MB.", dir, free>>20), "Dọn bớt tệp hoặc mở rộng đĩa: hết chỗ thì không lưu được gì.")
	}
	took, err := syncTime(dir)
	switch {
	case err != nil:
		d.say("ghi đĩa", fail, "Không ghi được vào "+dir+".", "Cấp quyền ghi thư mục cho tài khoản chạy chương trình.")
	case took > slowSync:
		d.say("ghi đĩa", warn, fmt.Sprintf("Một lần ghi chắc xuống đĩa mất %d ms; mỗi lần lưu phải đợi chừng ấy.", took.Milliseconds()), "Đặt cơ sở dữ liệu trên đĩa SSD gắn trong máy, không đặt trên ổ mạng.")
	default:
		d.say("ghi đĩa", fine, fmt.Sprintf("Một lần ghi chắc xuống đĩa mất %.1f ms.", float64(took.Microseconds())/1000), "")
	}
}

// syncTime is the middle of nine durable writes beside the database.
func syncTime(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, ".giaoban-doctor-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	var took [9]time.Duration
	for i := range took {
		start := time.Now()
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return 0, errors.Join(err, f.Close())
		}
		if err := f.Sync(); err != nil {
			return 0, errors.Join(err, f.Close())
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took[:])
	return took[len(took)/2], f.Close()
}

// clockSlack is how far two clocks may be apart before an order of acts can be wrong.
const clockSlack = 2 * time.Second

func (d *doctor) clock(ctx context.Context, a *app.App) {
	const mend = "Bật đồng bộ giờ: timedatectl set-ntp true"
	var newest, server int64
	now := a.Clock.Milli()
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `select coalesce(max(at), 0) from audit_entry`).Scan(&newest); err != nil {
			return err
		}
		server = time.Now().UnixMilli()
		if a.DB.Engine() == db.Postgres { // the only engine with a clock of its own
			return tx.QueryRow(ctx, `select (extract(epoch from clock_timestamp()) * 1000)::bigint`).Scan(&server)
		}
		return nil
	})
	apart := time.Until(time.UnixMilli(server)).Abs()
	switch {
	case err != nil:
		d.say("đồng hồ", fail, "Không đọc được giờ: "+reason(err)+".", mend)
	case newest > now+clockSlack.Milliseconds() && !a.Demo: // a demonstration begins today and then lives in another year
		d.say("đồng hồ", fail, fmt.Sprintf("Đồng hồ chạy sau: bây giờ là %s nhưng nhật ký đã có việc lúc %s.", moment(now), moment(newest)), mend)
	case apart > clockSlack:
		d.say("đồng hồ", warn, fmt.Sprintf("Đồng hồ của máy này và của máy chủ PostgreSQL lệch nhau %d giây.", int(apart.Seconds())), mend)
	default:
		d.say("đồng hồ", fine, "Bây giờ là "+moment(now)+".", "")
	}
}

func moment(milli int64) string { return clock.At(milli).Format("15:04:05, 02/01/2006") }

const (
	firstMend = "Chạy giaoban serve: khi chưa có ai, chương trình in mã để lập người quản trị đầu tiên. Nếu đã có người dùng: giaoban user reset TÊN --db …"
	adminMend = "giaoban user add TÊN --db … --name \"Họ và tên\" --role admin --unit MÃ-ĐƠN-VỊ"
)

func (d *doctor) people(ctx context.Context, a *app.App) {
	const name = "đăng nhập"
	if a.Demo {
		d.say(name, warn, "Đây là trang trình diễn: ai cũng vào được với mọi vai.", "Không đưa số liệu thật vào trang này.")
		return
	}
	var e account.Entrance
	err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		e, err = account.WhoCanSignIn(ctx, tx, a.Clock.Today())
		return err
	})
	switch {
	case err != nil:
		d.say(name, fail, "Không đọc được danh sách người dùng: "+reason(err)+".", "Chạy lại; nếu vẫn lỗi, hãy báo kèm dòng này.")
	case e.People == 0:
		d.say(name, fail, "Chưa ai đăng nhập được.", firstMend)
	case e.Administrators == 0:
		d.say(name, fail, fmt.Sprintf("%d người đăng nhập được nhưng không ai là quản trị.", e.People), adminMend)
	default:
		state := fine
		if e.Administrators == 1 {
			state = warn
		}
		d.say(name, state, fmt.Sprintf("%d người đăng nhập được, %d người quản trị.", e.People, e.Administrators), "Cấp quyền quản trị cho thêm một người, phòng khi người kia vắng hoặc quên mật khẩu.")
	}
}

// key looks at the secret with which the secrets of second factors are encrypted.
func (d *doctor) key(ctx context.Context, a *app.App) {
	const name = "khóa bí mật"
	k, err := a.Door.CheckKey(ctx)
	switch {
	case err != nil:
		d.say(name, fail, "Không đọc được khóa: "+reason(err)+".", "Cấp quyền đọc tệp khóa cho tài khoản chạy chương trình.")
	case k.None && !k.Used:
		d.say(name, warn, "Chưa có khóa bí mật: chưa ai dùng được ứng dụng tạo mã.",
			"openssl rand -base64 32 > /etc/giaoban/key; chmod 600 /etc/giaoban/key; rồi giaoban serve --key @/etc/giaoban/key (hoặc biến GIAOBAN_KEY), như nhau ở mọi tiến trình.")
	case k.None, k.Missing && k.Used, k.Other:
		d.say(name, fail, "Khóa bí mật không phải khóa đã dùng để mã hóa: mã từ ứng dụng của mọi người đều không được nhận.",
			"Nêu lại khóa cũ (--key hoặc tệp .key trong bản sao lưu). Mất hẳn thì gỡ cho từng người: giaoban user reset TÊN --factors-only --db …; họ vẫn vào được bằng mã khôi phục.")
	case k.Open:
		d.say(name, fail, "Người khác trên máy đọc được tệp khóa "+k.Path+".", "chmod 600 "+k.Path)
	case k.Missing:
		d.say(name, fine, "Tệp khóa "+k.Path+" được tạo khi có người đầu tiên dùng ứng dụng tạo mã.", "")
	case k.Path != "":
		d.say(name, fine, "Khóa nằm trong tệp "+k.Path+", ngoài cơ sở dữ liệu; hãy sao lưu riêng.", "")
	default:
		d.say(name, fine, "Khóa được nêu khi khởi động và nằm ngoài cơ sở dữ liệu.", "")
	}
}

// how is what doctor remembers of the last start of serve.
type how struct {
	Secure   bool `json:"secure"`
	Loopback bool `json:"loopback"`
}

// servedSetting holds how.
const servedSetting = "serve"

// remember keeps how the site is served.
func (h how) remember(ctx context.Context, a *app.App) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return a.SetSetting(ctx, servedSetting, string(text))
}

// loopback tells whether only this machine reaches an address.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && web.Loopback(host)
}

func (d *doctor) served(ctx context.Context, a *app.App) {
	const (
		name = "HTTPS"
		mend = "giaoban serve --tls-cert … --tls-key …, hoặc --secure --trusted-proxy … sau một máy chủ trung gian có HTTPS."
	)
	text, err := a.Setting(ctx, servedSetting)
	var h how
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &h)
	}
	switch {
	case err != nil:
		d.say(name, fail, "Không đọc được cách phục vụ: "+reason(err)+".", mend)
	case text == "":
		d.say(name, warn, "Trang chưa được phục vụ lần nào.", mend)
	case h.Secure:
		d.say(name, fine, "Trang được phục vụ qua HTTPS; cookie chỉ đi qua HTTPS.", "")
	case h.Loopback:
		d.say(name, warn, "Trang chỉ phục vụ trên máy này và không qua HTTPS.", "Khi mở cho người khác dùng: "+mend)
	default:
		d.say(name, fail, "Trang được phục vụ ra mạng mà không qua HTTPS: mật khẩu đi trên đường truyền ai cũng đọc được.", mend)
	}
}

func (d *doctor) contact(ctx context.Context, a *app.App) {
	const mend = "giaoban setting --db … " + app.SecurityContactSetting + " mailto:…"
	text, err := a.Setting(ctx, app.SecurityContactSetting)
	switch {
	case err != nil:
		d.say("security.txt", fail, "Không đọc được cài đặt: "+reason(err)+".", mend)
	case text == "":
		d.say("security.txt", warn, "Chưa có nơi nhận báo lỗi bảo mật.", mend)
	default:
		d.say("security.txt", fine, "Nơi nhận báo lỗi bảo mật: "+text+".", "")
	}
}

// mail connects to the mail server and signs in, and sends nothing.
func (d *doctor) mail(ctx context.Context, a *app.App, secret mailSecret, wrong error) {
	const (
		name  = "gửi thư"
		mend  = "giaoban setting --db … mail.host …, mail.from …, site.address …; mật khẩu trong GIAOBAN_MAIL_PASSWORD hoặc --mail-password-file. Sau đó: giaoban mail test ĐỊA-CHỈ --db …"
		other = "Kiểm tra mail.host, mail.port, mail.security, mail.user và đường mạng đến máy chủ thư, rồi: giaoban mail test ĐỊA-CHỈ --db …"
	)
	if mode, open := secret.exposed(); open {
		d.say(name, fail, fmt.Sprintf("Người khác trên máy đọc được tệp mật khẩu máy chủ thư %s (%#o).", secret.MailPasswordFile, mode), "chmod 600 "+secret.MailPasswordFile)
		return
	}
	wanted, err := a.Mails.Wanted(ctx)
	if err == nil && !wanted {
		d.say(name, warn, "Trang chưa cài đặt gửi thư: lời mời chỉ trao được bằng giấy, và không có thông báo bảo mật qua thư.", mend)
		return
	}
	if err = errors.Join(err, wrong); err == nil {
		err = a.Mails.Probe(ctx)
	}
	var trouble *mail.Trouble
	switch {
	case err == nil:
		d.say(name, fine, "Máy chủ thư nhận kết nối và tài khoản của trang.", "")
	case errors.As(err, &trouble):
		d.say(name, fail, trouble.Says(), other)
	default:
		d.say(name, fail, reason(err), mend)
	}
}

func (d *doctor) jobs(ctx context.Context, a *app.App) {
	const (
		name   = "việc nền"
		mend   = "Chương trình tự thử lại; nếu lỗi lặp lại, hãy báo kèm dòng này."
		revive = "Xử lý nguyên nhân, rồi: giaoban job list --db … và giaoban job retry MÃ --db …"
	)
	var failed []job.Failure
	err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		failed, err = job.Failures(ctx, tx)
		return err
	})
	if err != nil {
		d.say(name, fail, "Không đọc được: "+reason(err)+".", mend)
		return
	}
	for _, f := range failed {
		if f.Dead > 0 {
			d.say(name, fail, fmt.Sprintf("%s: %d việc đã hỏng quá nhiều lần và không được thử nữa: %s.", f.Name, f.Dead, f.Error), revive)
			continue
		}
		d.say(name, warn, fmt.Sprintf("%s: %d việc hỏng, nhiều nhất %d lần: %s.", f.Name, f.Jobs, f.Tries, f.Error), mend)
	}
	if len(failed) == 0 {
		d.say(name, fine, "Không việc nào bị hỏng.", "")
	}
}

// patience bounds the recomputation: doctor answers while somebody waits, verify takes its time.
const patience = 20 * time.Second

func (d *doctor) totals(ctx context.Context, a *app.App) {
	const name = "số tổng"
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v, err := a.Figures.Verify(limited)
	switch {
	case err != nil && limited.Err() != nil && ctx.Err() == nil:
		d.say(name, warn, fmt.Sprintf("Chưa tính lại xong các số tổng trong %d giây.", int(patience.Seconds())), "Chạy giaoban verify vào lúc vắng người dùng.")
	case err != nil:
		d.say(name, fail, "Không tính lại được: "+reason(err)+".", "Chạy giaoban verify.")
	case v.Differences > 0:
		d.say(name, fail, fmt.Sprintf("%d chỗ sai lệch.", v.Differences), "Chạy giaoban verify để xem từng chỗ.")
	default:
		d.say(name, fine, fmt.Sprintf("Đã tính lại %d số tổng, không sai lệch.", v.Sums), "")
	}
}

func (d *doctor) trail(ctx context.Context, a *app.App) {
	const name = "nhật ký"
	c, err := a.CheckTrail(ctx)
	switch {
	case err != nil:
		d.say(name, fail, "Không kiểm tra được: "+reason(err)+".", "Chạy giaoban verify.")
	case c.Flaws > 0:
		d.say(name, fail, fmt.Sprintf("%d chỗ bị sửa sau lưng chương trình.", c.Flaws), "Chạy giaoban verify để xem từng chỗ; giữ nguyên cơ sở dữ liệu làm bằng chứng.")
	default:
		d.say(name, fine, fmt.Sprintf("%d mục đã niêm phong, %d mục chờ niêm phong, không sai lệch.", c.Sealed, c.Waiting), "")
	}
}
