#!/bin/sh
# Messages and services for Python, from nothing but .proto files. Needs: pip install grpcio-tools
set -e
cd "$(dirname "$0")"
rm -rf gen && mkdir gen
${PYTHON:-python3} -m grpc_tools.protoc -I ../../proto -I ../proto --python_out gen --grpc_python_out gen \
  google/rpc/status.proto istio/policy/v1beta1/type.proto istio/policy/v1beta1/http_response.proto \
  istio/mixer/adapter/model/v1beta1/check.proto istio/mixer/adapter/model/v1beta1/extensions.proto \
  istio/mixer/adapter/model/v1beta1/quota.proto istio/mixer/adapter/model/v1beta1/report.proto \
  istio/mixer/template/listentry.proto istio/mixer/template/metric.proto istio/mixer/template/quota.proto \
  names.proto contract.proto checkproducer.proto sampleapa.proto
