package report

import (
	"context"

	"giaoban/internal/auth"
	"giaoban/internal/db"
)

// ErrTouched is errTouched for tests.
var ErrTouched = errTouched

// HandInHalves hands a report in with something between the two halves.
func (s *Service) HandInHalves(ctx context.Context, who auth.Actor, unit, per string, version int, between func()) error {
	mark, err := s.mark(ctx, who, unit, per)
	if err != nil {
		return err
	}
	between()
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := s.submit(ctx, tx, who, unit, per, version, Sending{}, mark)
		return err
	})
}
