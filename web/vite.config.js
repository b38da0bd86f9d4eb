import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {defineConfig} from 'vite'

// The service worker, with the list of all files to keep; their hash makes each build a cache of its own
function offline() {
  return {
    name: 'offline',
    apply: 'build',
    generateBundle(_, bundle) {
      const files = Object.values(bundle).filter(file => !file.fileName.endsWith('.map')),
        hash = createHash('sha256')
      for (const file of files) hash.update(file.fileName).update(file.code ?? file.source)
      const source = readFileSync('src/offline.js', 'utf8')
        .replace('$version', hash.digest('hex').slice(0, 16))
        .replace('$files', JSON.stringify(['./', ...files.map(file => file.fileName)]))
      this.emitFile({type: 'asset', fileName: 'offline.js', source})
    }
  }
}

export default defineConfig({
  base: './',   // the page may lie in any folder
  assetsInclude: ['**/*.onnx'],
  build: {target: 'es2022', assetsInlineLimit: 0, modulePreload: {polyfill: false}},
  worker: {format: 'es'},
  plugins: [offline()]
})
