package main

import (
	"encoding/json"
	"fmt"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/job"
)

type jobCmd struct {
	List  jobListCmd  `cmd:"" help:"Liệt kê các việc đang chờ và các việc đã hỏng hẳn."`
	Retry jobRetryCmd `cmd:"" help:"Chạy lại ngay một việc; việc đã hỏng hẳn được thử lại từ đầu."`
}

type jobListCmd struct {
	DB    dsn  `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	JSON  bool `help:"In JSON." name:"json"`
	Limit int  `help:"Nhiều nhất bao nhiêu việc." default:"100"`
}

// jobRow is a queued job in JSON, without its payload.
type jobRow struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Dead  bool   `json:"dead"`
	Tries int64  `json:"tries"`
	Due   int64  `json:"due"`
	Error string `json:"error,omitempty"`
}

func (c *jobListCmd) Run(e *env) error {
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.DB.Close()
	var jobs []job.Job
	if err := a.DB.Read(e.ctx, func(tx *db.Tx) (err error) {
		jobs, err = job.Queue(e.ctx, tx, c.Limit)
		return err
	}); err != nil {
		return err
	}
	if c.JSON {
		rows := []jobRow{}
		for _, j := range jobs {
			rows = append(rows, jobRow{j.ID, j.Kind, j.Dead, j.Tries, j.Due, j.Error})
		}
		return json.NewEncoder(e.out).Encode(rows)
	}
	if len(jobs) == 0 {
		fmt.Fprintln(e.out, "Không có việc nào đang chờ.")
	}
	for _, j := range jobs {
		state := "chờ"
		if j.Dead {
			state = "hỏng"
		}
		fmt.Fprintf(e.out, "%-4s  %s  %s  đã thử %d lần  %s\n", state, j.ID, j.Kind, j.Tries, j.Error)
	}
	return nil
}

type jobRetryCmd struct {
	DB dsn    `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	ID string `arg:"" help:"Mã việc, xem giaoban job list."`
}

func (c *jobRetryCmd) Run(e *env) error {
	a, err := existing(e, string(c.DB))
	if err != nil {
		return err
	}
	defer a.Close()
	err = a.DB.Write(e.ctx, func(tx *db.Tx) error {
		found, err := job.Hurry(e.ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if !found {
			return fault.Refusedf("Không có việc %s trong hàng đợi. Xem giaoban job list.", c.ID)
		}
		return audit.Write(e.ctx, tx, auth.System(), audit.Act{At: a.Clock.Milli(), Verb: "retry", House: "job", Object: c.ID})
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(e.out, "Việc sẽ được chạy lại ngay khi trang đang phục vụ.")
	return nil
}
