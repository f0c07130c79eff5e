// Indexes documents with MiniSearch and ranks them for queries: JSON in on stdin, JSON out.
// In: {docs: [{id, title, text}], queries: [text]}. Out: [[id, …at most ten], …].
import MiniSearch from 'minisearch'
import { readFileSync } from 'node:fs'

const { docs, queries } = JSON.parse(readFileSync(0, 'utf8'))
const search = new MiniSearch({
  fields: ['title', 'text'],
  searchOptions: { boost: { title: 3 }, prefix: true, fuzzy: 0.2, combineWith: 'OR' },
})
search.addAll(docs)
const ranked = queries.map((query) => search.search(query).slice(0, 10).map((hit) => hit.id))
process.stdout.write(JSON.stringify(ranked))
