// Service worker: keeps every file of the page, so that it opens without a network. `vite build` writes the list
const cacheName = 'chords-$version'

self.addEventListener('install', event => {
  event.waitUntil(caches.open(cacheName).then(cache => cache.addAll($files)))
})
self.addEventListener('activate', event => {
  const old = names => names.filter(name => name.startsWith('chords-') && name !== cacheName)
  event.waitUntil(caches.keys()
    .then(names => Promise.all(old(names).map(name => caches.delete(name))))
    .then(() => self.clients.claim()))
})
self.addEventListener('fetch', event => {
  event.respondWith(caches.match(event.request, {ignoreSearch: true}).then(kept => kept || fetch(event.request)))
})
