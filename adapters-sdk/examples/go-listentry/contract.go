package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"outboard.example/names/gen/checkproducer"
	"outboard.example/names/gen/contract"
	"outboard.example/names/gen/listentry"
	"outboard.example/names/gen/metric"
	"outboard.example/names/gen/model"
	"outboard.example/names/gen/policy"
	"outboard.example/names/gen/quota"
	"outboard.example/names/gen/sampleapa"
)

const largeInteger = 9_007_199_254_740_993

// contractHandler does what it is told, so that the contract suite can compare it with adapters in other languages.
type contractHandler struct {
	greeting string
	limit    int64
	aborted  atomic.Int64

	mutex    sync.Mutex
	reported []string
	held     chan struct{}
}

func openContract(settings []byte) (*contractHandler, error) {
	given := &contract.Params{}
	if err := proto.Unmarshal(settings, given); err != nil {
		return nil, err
	}
	handler := &contractHandler{greeting: "hello", limit: 10}
	if given.Greeting != nil {
		handler.greeting = *given.Greeting
	}
	if given.Limit != nil {
		handler.limit = *given.Limit
	}
	return handler, nil
}

func (h *contractHandler) check(ctx context.Context, text, dedupID string) (*model.CheckResult, error) {
	words := strings.Split(text, " ")
	switch words[0] {
	case "allow":
		if len(words) == 1 {
			return &model.CheckResult{}, nil
		}
		uses := int32(-1)
		if len(words) > 2 {
			uses = int32(number(words[2]))
		}
		return valid(number(words[1]), uses), nil
	case "allow-do-not-cache":
		return notKept(&model.CheckResult{}), nil
	case "deny":
		return notKept(denied(codes.PermissionDenied, "closed for the night")), nil
	case "deny-valid":
		result := valid(2_000, 3)
		result.Status = denied(codes.Unauthenticated, "who are you").Status
		return result, nil
	case "direct":
		return direct()
	case "settings":
		return notFound(fmt.Sprintf("%s %d", h.greeting, h.limit)), nil
	case "call":
		deadline, _ := ctx.Deadline()
		trace := strings.Join(metadata.ValueFromIncomingContext(ctx, "traceparent"), ",")
		return notFound(fmt.Sprintf("%s|%s|%d", dedupID, trace, time.Until(deadline).Milliseconds())), nil
	case "reported":
		h.mutex.Lock()
		defer h.mutex.Unlock()
		return notFound(strings.Join(h.reported, ",")), nil
	case "aborted":
		return notFound(strconv.FormatInt(h.aborted.Load(), 10)), nil
	case "throw", "reject":
		return nil, errors.New(map[string]string{"throw": "thrown on purpose", "reject": "rejected on purpose"}[words[0]])
	case "fail":
		return nil, status.Error(codes.Unavailable, "my backend is away")
	case "wait":
		return h.wait(ctx)
	case "release":
		h.release()
		return &model.CheckResult{}, nil
	case "later":
		time.Sleep(time.Duration(number(words[1])) * time.Millisecond)
		return &model.CheckResult{}, nil
	default:
		return notFound("echo:" + text), nil
	}
}

// wait answers when it is released, or when nobody waits any more.
func (h *contractHandler) wait(ctx context.Context) (*model.CheckResult, error) {
	held := make(chan struct{})
	h.mutex.Lock()
	h.held = held
	h.mutex.Unlock()
	select {
	case <-held:
		return valid(1, 1), nil
	case <-ctx.Done():
		h.aborted.Add(1)
		return nil, ctx.Err()
	}
}

func (h *contractHandler) release() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.held != nil {
		close(h.held)
		h.held = nil
	}
}

func (h *contractHandler) grant(asked *model.QuotaRequest_QuotaParams) *model.QuotaResult_Result {
	switch amount := asked.GetAmount(); {
	case amount == 13:
		return &model.QuotaResult_Result{
			Status:        denied(codes.ResourceExhausted, "not thirteen").Status,
			ValidDuration: durationpb.New(500 * time.Millisecond),
		}
	case amount <= h.limit || amount == largeInteger:
		return &model.QuotaResult_Result{GrantedAmount: amount, ValidDuration: durationpb.New(2_500 * time.Millisecond)}
	case asked.GetBestEffort():
		return &model.QuotaResult_Result{GrantedAmount: h.limit}
	default:
		return &model.QuotaResult_Result{}
	}
}

// contractServices are the services of the templates, as one object: each method finds its handler by the settings
// that came with the call.
type contractServices struct {
	listentry.UnimplementedHandleListEntryServiceServer
	checkproducer.UnimplementedHandleCheckProducerServiceServer
	quota.UnimplementedHandleQuotaServiceServer
	metric.UnimplementedHandleMetricServiceServer
	sampleapa.UnimplementedHandleSampleApaServiceServer
	handlers *handlers[*contractHandler]
}

func registerContract(server *grpc.Server) {
	services := &contractServices{handlers: newHandlers(openContract)}
	listentry.RegisterHandleListEntryServiceServer(server, services)
	checkproducer.RegisterHandleCheckProducerServiceServer(server, services)
	quota.RegisterHandleQuotaServiceServer(server, services)
	metric.RegisterHandleMetricServiceServer(server, services)
	sampleapa.RegisterHandleSampleApaServiceServer(server, services)
}

func (s *contractServices) HandleListEntry(ctx context.Context, request *listentry.HandleListEntryRequest) (*model.CheckResult, error) {
	handler, err := s.handlers.find(request.AdapterConfig)
	if err != nil {
		return nil, err
	}
	return handler.check(ctx, textOf(request.Instance.GetValue()), request.DedupId)
}

func (s *contractServices) HandleCheckProducer(_ context.Context, request *checkproducer.HandleCheckProducerRequest) (*checkproducer.HandleCheckProducerResponse, error) {
	key := request.Instance.GetStringPrimitive()
	if key == "deny" {
		return &checkproducer.HandleCheckProducerResponse{Result: notFound("nothing under this key")}, nil
	}
	output := &checkproducer.OutputMsg{StringPrimitive: "found " + key, Int64Primitive: largeInteger}
	return &checkproducer.HandleCheckProducerResponse{Result: valid(5_000, 100), Output: output}, nil
}

func (s *contractServices) HandleQuota(_ context.Context, request *quota.HandleQuotaRequest) (*model.QuotaResult, error) {
	handler, err := s.handlers.find(request.AdapterConfig)
	if err != nil {
		return nil, err
	}
	results := map[string]*model.QuotaResult_Result{}
	for name, asked := range request.QuotaRequest.GetQuotas() {
		results[name] = handler.grant(asked)
	}
	return &model.QuotaResult{Quotas: results}, nil
}

func (s *contractServices) HandleMetric(_ context.Context, request *metric.HandleMetricRequest) (*model.ReportResult, error) {
	handler, err := s.handlers.find(request.AdapterConfig)
	if err != nil {
		return nil, err
	}
	handler.mutex.Lock()
	defer handler.mutex.Unlock()
	for _, instance := range request.Instances {
		name, _, _ := strings.Cut(instance.Name, ".")
		handler.reported = append(handler.reported, fmt.Sprintf("%s=%d", name, instance.Value.GetInt64Value()))
	}
	return &model.ReportResult{}, nil
}

func (s *contractServices) HandleSampleApa(_ context.Context, request *sampleapa.HandleSampleApaRequest) (*sampleapa.OutputMsg, error) {
	handler, err := s.handlers.find(request.AdapterConfig)
	if err != nil || request.Instance.GetStringPrimitive() == "nothing" {
		return &sampleapa.OutputMsg{}, err
	}
	return &sampleapa.OutputMsg{
		Int64Primitive:  request.Instance.GetInt64Primitive(),
		BoolPrimitive:   true,
		DoublePrimitive: 0.5,
		StringPrimitive: handler.greeting + ", ünïcode",
		StringMap:       map[string]string{"a": "1", "b": "2"},
		Ip:              &policy.IPAddress{Value: []byte{10, 0, 0, 1}},
		Duration:        &policy.Duration{Value: durationpb.New(1_500 * time.Millisecond)},
		Timestamp:       &policy.TimeStamp{Value: &timestamppb.Timestamp{Seconds: 1_500_000_000, Nanos: 5}},
		Dns:             &policy.DNSName{Value: "example.com"},
	}, nil
}

func textOf(value *policy.Value) string {
	switch inner := value.GetValue().(type) {
	case *policy.Value_StringValue:
		return inner.StringValue
	case *policy.Value_IpAddressValue:
		return "bytes:" + hex.EncodeToString(inner.IpAddressValue.Value)
	default:
		return fmt.Sprint(inner)
	}
}

func direct() (*model.CheckResult, error) {
	detail, err := anypb.New(&policy.DirectHttpResponse{
		Code:    policy.HttpStatusCode_TooManyRequests,
		Body:    "slow down ünïcode",
		Headers: map[string]string{"x-reason": "quota"},
	})
	result := notKept(denied(codes.ResourceExhausted, "too much"))
	result.Status.Details = []*anypb.Any{detail}
	return result, err
}

func denied(code codes.Code, message string) *model.CheckResult {
	return &model.CheckResult{Status: &rpcstatus.Status{Code: int32(code), Message: message}}
}

func notFound(message string) *model.CheckResult {
	return denied(codes.NotFound, message)
}

// notKept gives one use within no time at all: Istio's messages have no other way to say it.
func notKept(result *model.CheckResult) *model.CheckResult {
	result.ValidUseCount = 1
	return result
}

func valid(ms int64, uses int32) *model.CheckResult {
	return &model.CheckResult{ValidDuration: durationpb.New(time.Duration(ms) * time.Millisecond), ValidUseCount: uses}
}

func number(text string) int64 {
	value, _ := strconv.ParseInt(text, 10, 64)
	return value
}
