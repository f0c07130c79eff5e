// Builds a Pagefind index of pages: JSON in on stdin, files out.
// In: {pages: [{url, content}], out: folder}. Out: {ms} (the time the index took to make).
import { readFileSync } from 'node:fs'
import { createIndex, close } from 'pagefind'

const { pages, out } = JSON.parse(readFileSync(0, 'utf8'))
const started = performance.now()
const { index } = await createIndex()
for (const page of pages) await index.addHTMLFile(page)
await index.writeFiles({ outputPath: out })
const ms = performance.now() - started
await close()
process.stdout.write(JSON.stringify({ ms }))
