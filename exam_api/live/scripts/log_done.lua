-- Entries are in the record: acknowledge them and trim what nobody needs any more.
-- KEYS[1] kw1:{sNN}:log
-- and further ones
-- ARGV[1] group   ARGV[2] margin_ms kept for watchers   ARGV[3] and on, for each key: how many ids, the ids, oldest first
-- returns how many entries were trimmed
local AT_ONCE = 1000
local at, trimmed = 3, 0
for _, log in ipairs(KEYS) do
  local last = at + tonumber(ARGV[at])
  for first = at + 1, last, AT_ONCE do
    redis.call('XACK', log, ARGV[1], unpack(ARGV, first, math.min(first + AT_ONCE - 1, last)))
  end
  local from = tonumber(string.match(ARGV[last], '^%d+')) - tonumber(ARGV[2])
  local pending = redis.call('XPENDING', log, ARGV[1])
  if pending[1] > 0 then
    from = math.min(from, tonumber(string.match(pending[2], '^%d+')))
  end
  trimmed = trimmed + redis.call('XTRIM', log, 'MINID', '~', string.format('%.0f-0', from))
  at = last + 1
end
return trimmed
