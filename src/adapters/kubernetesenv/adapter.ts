import { defineAdapter } from '@outboard/adapters-sdk'
import { kubernetesenvSettings } from './settings.js'

/**
 * Takes Istio's stock configuration and answers "not found" for both sides of every request: it does not speak to a
 * cluster. Bindings then fall to their defaults, and what the proxy itself says of a workload holds.
 */
export const kubernetesenv = defineAdapter({
  name: 'kubernetesenv',
  version: '1.0.0',
  description: "Takes the place of Istio's Kubernetes attributes; finds no workload",
  templates: ['kubernetes'],
  settings: kubernetesenvSettings,
  open(_settings, host) {
    host.log('warn', 'kubernetesenv does not connect to a cluster: it produces no attributes for any request')
    return { produce: () => ({ output: {}, validForMs: undefined }) }
  },
})
