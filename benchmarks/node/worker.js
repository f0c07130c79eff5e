// Runs a site's own search worker outside a browser and ranks documents for queries.
// In (JSON on stdin): {script, setup, queries: [message data], settings?}; script is the worker's
// file, setup the data of its first message. Out: what the worker answers to each query, reduced
// to {locations: [location of each article, best first]}.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import vm from 'node:vm'

const SETUP = 0
const READY = 1
const QUERY = 2
const RESULT = 3

const { script, setup, queries } = JSON.parse(readFileSync(0, 'utf8'))
const listeners = []
const inbox = []
let wake = () => {}

globalThis.self = globalThis
globalThis.window = undefined
globalThis.addEventListener = (_type, listener) => listeners.push(listener)
globalThis.postMessage = (message) => {
  inbox.push(message)
  wake()
}
globalThis.importScripts = (...urls) =>
  urls.forEach((url) => load(resolve(dirname(script), url)))
console.warn = () => {}

function load(path) {
  vm.runInThisContext(readFileSync(path, 'utf8'), { filename: path })
}

function send(message) {
  for (const listener of [...listeners, globalThis.onmessage]) listener?.({ data: message })
}

async function answer(type) {
  while (!inbox.length) await new Promise((resolve_) => (wake = resolve_))
  const message = inbox.shift()
  if (message.type !== type) throw new Error(`worker sent ${JSON.stringify(message)}`)
  return message.data
}

/** One article for each group of hits: Material groups them, Zensical gives sections. */
function articles(items) {
  const hits = items.map((item) => (Array.isArray(item) ? item[0] : item))
  const places = hits.map((hit) => hit.location ?? setup.items[hit.id].location)
  return [...new Set(places.map((place) => place.split('#')[0]))]
}

load(script)
send({ type: SETUP, data: setup })
await answer(READY)
const ranked = []
for (const data of queries) {
  send({ type: QUERY, data })
  ranked.push(articles((await answer(RESULT)).items).slice(0, 10))
}
process.stdout.write(JSON.stringify(ranked))
