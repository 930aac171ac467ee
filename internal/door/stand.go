package door

import (
	"context"
	"fmt"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/db"
)

// under gives an actor the rights of a delegation instead of their own; false when it does not hold today.
func (s *Service) under(ctx context.Context, who auth.Actor, delegation string) (out auth.Actor, holds bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, holds, err = account.ActUnder(ctx, tx, who, delegation, s.clock.Today())
		return err
	})
	if err != nil {
		return auth.Actor{}, false, fmt.Errorf("act under a delegation: %w", err)
	}
	return out, holds, nil
}
