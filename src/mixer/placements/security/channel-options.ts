import type { ChannelOptions } from '@grpc/grpc-js'
import type { Dial } from './hop-security.js'

/** Channel options of every hop. Nothing is shared between connections, so that each can be replaced by itself. */
export function channelOptions(dial: Dial, maxReceiveBytes: number): ChannelOptions {
  return {
    ...dial.options,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': maxReceiveBytes,
    'grpc.max_send_message_length': -1,
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    // Adapters are inside; a proxy for the way out is not for them.
    'grpc.enable_http_proxy': 0,
    // HTTP/2's own 64 kB would stop a busy session at some 250 questions.
    'grpc-node.flow_control_window': 4_194_304,
  }
}
