-- Tell briefly how several attempts of one shard stand, as attempt/glance.py does: a mark, and the sign of life.
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- and further ones
-- returns for each key its mark and the instant at which its page was last heard; empty texts where nothing is
local found = {}
for at, attempt in ipairs(KEYS) do
  local h = redis.call('HMGET', attempt, 'seen', 'st', 'fence', 'seq', 'end', 'closed', 'late', 'side', 'asked',
    'durable', 'result')
  if h[1] then
    h[9] = h[9] or '0'
    h[11] = h[11] ~= '' and redis.sha1hex(h[11]) or ''
    found[at * 2 - 1], found[at * 2] = table.concat(h, ' ', 2), h[1]
  else
    found[at * 2 - 1], found[at * 2] = '', ''
  end
end
return found
