import { type SettingsOf, settings } from '@outboard/adapters-sdk'
import { httpStatus } from './http-status.js'

const directHttpResponse = settings.message({
  code: httpStatus,
  body: settings.string({ field: 2, default: '', description: 'Body of the answer' }),
  headers: settings.map(settings.string(), {
    field: 3,
    maxEntries: 100,
    description: 'Headers of the answer; several cookies in one `Set-Cookie` are told apart',
  }),
})

/** What every check is answered with. Source: `adapter.denier.config.Params`. */
export const denierSettings = settings.object(
  {
    status: settings.message(
      {
        code: settings.integer({
          field: 1,
          default: 9,
          min: 0,
          max: 2_147_483_647,
          description:
            'Status code (`google.rpc.Code`); 9 is FAILED_PRECONDITION, 7 PERMISSION_DENIED; 0 allows',
        }),
        message: settings.string({ field: 2, default: '', description: 'Told to the client' }),
        details: settings.list(
          settings.any({ 'istio.policy.v1beta1.DirectHttpResponse': directHttpResponse }),
          {
            field: 3,
            maxItems: 16,
            description:
              'An entry with `"@type": type.googleapis.com/istio.policy.v1beta1.DirectHttpResponse` and the fields `code` (number or name of an HTTP status; 0: from the status code), `body` and `headers` is the HTTP answer',
          },
        ),
      },
      { field: 1, description: 'The verdict; parts that are not given keep their defaults' },
    ),
    validDuration: settings.duration({
      field: 2,
      default: '5s',
      min: 0,
      description: 'How long the verdict may be kept',
    }),
    validUseCount: settings.integer({
      field: 3,
      default: 1_000,
      min: -1,
      max: 2_147_483_647,
      description: 'How many requests may share the verdict; -1: any number',
    }),
  },
  { message: 'adapter.denier.config.Params' },
)

export type DenierSettings = SettingsOf<typeof denierSettings>
