import { ServerCredentials } from '@grpc/grpc-js'
import type { TlsFiles } from '../tls.js'

/** Server credentials for grpc-js that follow the files. */
export class ReloadingCredentials extends ServerCredentials {
  constructor(files: TlsFiles) {
    super({ requestCert: files.requiresClientCertificate }, files.context())
    files.onChange(context => this.updateSecureContextOptions(context))
  }

  _equals(other: ServerCredentials): boolean {
    return this === other
  }
}
