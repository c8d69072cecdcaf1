import { settings } from '@outboard/adapters-sdk'

/** Istio's settings, taken so that its configuration loads. Source: `adapter.kubernetesenv.config.Params`. */
export const kubernetesenvSettings = settings.object(
  {
    kubeconfigPath: settings.string({
      field: 1,
      default: '',
      description: 'File that says how to reach the cluster. Taken, without effect',
    }),
    cacheRefreshDuration: settings.duration({
      field: 2,
      default: '5m',
      min: 0,
      description: 'Between two full readings of the cluster. Taken, without effect',
    }),
    clusterRegistriesNamespace: settings.string({
      field: 7,
      default: '',
      description: 'Namespace whose secrets name further clusters. Taken, without effect',
    }),
  },
  { message: 'adapter.kubernetesenv.config.Params' },
)
