#!/bin/sh
# Messages for Python, from nothing but .proto files. Needs: pip install grpcio-tools
set -e
cd "$(dirname "$0")"
rm -rf gen && mkdir gen
${PYTHON:-python3} -m grpc_tools.protoc -I ../../proto -I ../proto --python_out gen \
  outboard/adapter/v1/session.proto \
  google/rpc/status.proto istio/policy/v1beta1/type.proto \
  istio/mixer/adapter/model/v1beta1/check.proto istio/mixer/adapter/model/v1beta1/extensions.proto \
  istio/mixer/adapter/model/v1beta1/quota.proto istio/mixer/adapter/model/v1beta1/report.proto \
  istio/mixer/template/listentry.proto istio/mixer/template/metric.proto istio/mixer/template/quota.proto \
  checkproducer.proto sampleapa.proto
