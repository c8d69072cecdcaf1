package main

import (
	"context"
	"slices"

	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"outboard.example/names/gen/listentry"
	"outboard.example/names/gen/model"
	"outboard.example/names/gen/params"
)

// names lets known names pass. It speaks Istio's template listentry: is this on the list?
type names struct {
	listentry.UnimplementedHandleListEntryServiceServer
	handlers *handlers[*params.Params]
}

func registerNames(server *grpc.Server) {
	open := func(settings []byte) (*params.Params, error) {
		given := &params.Params{}
		return given, proto.Unmarshal(settings, given)
	}
	listentry.RegisterHandleListEntryServiceServer(server, &names{handlers: newHandlers(open)})
}

func (n *names) HandleListEntry(_ context.Context, request *listentry.HandleListEntryRequest) (*model.CheckResult, error) {
	given, err := n.handlers.find(request.AdapterConfig)
	if err != nil {
		return nil, err
	}
	result := &model.CheckResult{ValidUseCount: 1} // one use within no time: not to be kept
	if given.KeepSeconds > 0 {
		result.ValidUseCount = -1 // any number of uses
		result.ValidDuration = &durationpb.Duration{Seconds: given.KeepSeconds}
	}
	name := request.Instance.GetValue().GetStringValue()
	if !slices.Contains(given.Names, name) {
		// A denial is an answer. A gRPC error would say that there is none.
		result.Status = &rpcstatus.Status{Code: int32(codes.PermissionDenied), Message: name + " is not known here"}
	}
	return result, nil
}
