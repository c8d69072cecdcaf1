import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'

// Puts the compiled command line and everything that it imports into a few files: dist/bundle. See docs/decisions/bundle.md.
// Run from the project's root, by `npm run build`.

const folder = 'dist/bundle'
/** Packages that are CommonJS call for Node's own modules by `require`, which a module has not. */
const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`

rmSync(folder, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: ['dist/src/cli/main.js'],
  outdir: folder,
  bundle: true,
  // What a command loads when it runs stays apart.
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Names and lines stay as they are, for those who read a stack.
  minify: false,
  banner: { js: banner },
  metafile: true,
  logLevel: 'warning',
})
writeFileSync(join(folder, 'LICENSES.txt'), licenses(metafile))

/** The licenses of the packages whose code is in the bundle. */
function licenses({ inputs }: Metafile): string {
  const packages = new Set(Object.keys(inputs).map(packageFolder))
  return [...packages]
    .filter(path => path !== undefined)
    .sort()
    .map(path => `${path.replace(/^.*node_modules\//, '')}\n\n${licenseOf(path)}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

/** The folder of the package from outside that a file belongs to. */
function packageFolder(file: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
}

function licenseOf(path: string): string {
  const file = readdirSync(path).find(name => /^(licen[sc]e|copying)(\.|-|$)/i.test(name))
  if (file !== undefined) return readFileSync(join(path, file), 'utf8').trim()
  const manifest: unknown = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  const license =
    typeof manifest === 'object' && manifest !== null && 'license' in manifest ? manifest.license : undefined
  if (typeof license !== 'string') throw new Error(`${path} does not say under which license it is`)
  return `License: ${license}`
}
