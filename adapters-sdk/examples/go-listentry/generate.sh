#!/bin/sh
# Messages and services for Go, from nothing but .proto files. Needs protoc, and the plugins of Go:
#   go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
#   go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
set -e
cd "$(dirname "$0")"
rm -rf gen && mkdir gen
module=outboard.example/names
status=google/rpc/status.proto
model=istio/mixer/adapter/model/v1beta1
policy=istio/policy/v1beta1
template=istio/mixer/template
# The files do not say which Go package they belong to; this does.
packages="M$status=google.golang.org/genproto/googleapis/rpc/status
M$policy/type.proto=$module/gen/policy
M$policy/http_response.proto=$module/gen/policy
M$model/check.proto=$module/gen/model
M$model/extensions.proto=$module/gen/model
M$model/quota.proto=$module/gen/model
M$model/report.proto=$module/gen/model
M$template/listentry.proto=$module/gen/listentry
M$template/metric.proto=$module/gen/metric
M$template/quota.proto=$module/gen/quota
Mcheckproducer.proto=$module/gen/checkproducer
Msampleapa.proto=$module/gen/sampleapa
Mcontract.proto=$module/gen/contract
Mnames.proto=$module/gen/params"
options=$(echo "$packages" | tr '\n' ',')module=$module
${PROTOC:-protoc} -I ../../proto -I ../proto --go_out="$options:." --go-grpc_out="$options:." \
  $policy/type.proto $policy/http_response.proto \
  $model/check.proto $model/extensions.proto $model/quota.proto $model/report.proto \
  $template/listentry.proto $template/metric.proto $template/quota.proto \
  names.proto contract.proto checkproducer.proto sampleapa.proto
