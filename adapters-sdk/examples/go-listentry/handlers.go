package main

import (
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

// mostHandlers bounds what is kept for hosts that change their settings again and again.
const mostHandlers = 1_000

// handlers keeps one handler for each adapter_config: the host sends a handler's settings with every call, and always
// the same bytes.
type handlers[H any] struct {
	open   func(settings []byte) (H, error)
	mutex  sync.Mutex
	opened map[string]H
	order  []string
}

func newHandlers[H any](open func(settings []byte) (H, error)) *handlers[H] {
	return &handlers[H]{open: open, opened: map[string]H{}}
}

// find opens the handler at its first call. Settings that cannot be read fail the call; that is no denial.
func (h *handlers[H]) find(config *anypb.Any) (H, error) {
	key := string(config.GetValue())
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if found, ok := h.opened[key]; ok {
		return found, nil
	}
	handler, err := h.open(config.GetValue())
	if err != nil {
		return handler, status.Error(codes.InvalidArgument, err.Error())
	}
	if len(h.order) == mostHandlers {
		delete(h.opened, h.order[0])
		h.order = h.order[1:]
	}
	h.opened[key] = handler
	h.order = append(h.order, key)
	return handler, nil
}
