-- SPDX-License-Identifier: Apache-2.0
--
-- Queues and the journal.

-- ---- queues ----

-- KEYS: a stream. ARGV: for each item arrived ms (or '') and body. Answers positions.
local function add(keys, args)
    local wrong = wrong_type(keys[1], 'stream')
    if wrong then
        return wrong
    end
    local positions = {}
    for i = 1, #args, 2 do
        if args[i] == '' then
            positions[#positions + 1] = redis.call('XADD', keys[1], '*', 'ce', args[i + 1])
        else
            positions[#positions + 1] =
                redis.call('XADD', keys[1], '*', 'at', args[i], 'ce', args[i + 1])
        end
    end
    return positions
end

-- Claim pending entries for the consumer; answers {position, fields, deliveries, ...}.
local function entries_claim(key, consumer, pending, ret)
    local deliveries, ids = {}, {}
    for _, one in ipairs(pending) do
        ids[#ids + 1] = one[1]
        deliveries[one[1]] = one[4] + 1
    end
    if #ids == 0 then
        return
    end
    for _, entry in ipairs(redis.call('XCLAIM', key, GROUP, consumer, 0, unpack(ids))) do
        ret[#ret + 1] = entry[1]
        ret[#ret + 1] = entry[2]
        ret[#ret + 1] = deliveries[entry[1]]
    end
end

-- KEYS: a stream. ARGV: consumer, max, position after which the consumer lost sight of its own
-- pending entries ('' when it did not), lease ms of everybody's entries ('' not to look).
-- Answers {last own position looked at or '', 1 when more may be pending, entries}.
local function recover(keys, args)
    local key, consumer, max = keys[1], args[1], tonumber(args[2])
    local failed = wrong_type(key, 'stream') or group_make(key)
    if failed then
        return failed
    end
    local found, last, more = {}, '', 0
    if args[3] ~= '' then
        local own = redis.call('XPENDING', key, GROUP, '(' .. args[3], '+', max, consumer)
        entries_claim(key, consumer, own, found)
        last = #own > 0 and own[#own][1] or ''
        more = #own == max and 1 or 0
    end
    local room = max - #found / 3
    if args[4] ~= '' and more == 0 and room > 0 then
        local left = redis.call('XPENDING', key, GROUP, 'IDLE', args[4], '-', '+', room)
        entries_claim(key, consumer, left, found)
    end
    return { last, more, found }
end

-- KEYS: a stream. ARGV: positions. Acknowledges and deletes.
local function ack(keys, args)
    local wrong = wrong_type(keys[1], 'stream')
    if wrong then
        return wrong
    end
    for _, position in ipairs(args) do
        if not is_position(position) then
            return argument_error('a position to acknowledge is none')
        end
    end
    ack_all(keys[1], args)
    return redis.status_reply('OK')
end

local function journal_end(base)
    if redis.call('EXISTS', base .. 'journal') == 0 then
        return '0-0'
    end
    local info = redis.call('XINFO', 'STREAM', base .. 'journal')
    for i = 1, #info, 2 do
        if info[i] == 'last-generated-id' then
            return info[i + 1]
        end
    end
    return '0-0'
end

-- KEYS: a partition's base. ARGV: a position in its events ('' none). Answers {1 when all events
-- up to it are committed, end of the journal}.
local function settled(keys, args)
    local base = keys[1]
    local wrong = wrong_types({ base .. 'events', 'stream', base .. 'journal', 'stream' })
    if wrong then
        return wrong
    end
    local done = 1
    if args[1] ~= '' then
        local waiting = redis.call('XRANGE', base .. 'events', '-', args[1], 'COUNT', 1)
        done = #waiting == 0 and 1 or 0
    end
    return { done, journal_end(base) }
end

-- ---- the journal ----

local function journal_trim(base, before, after)
    if math.floor(before / TRIM_EVERY) == math.floor(after / TRIM_EVERY) then
        return
    end
    local oldest = whole(real_ms() - JOURNAL_KEPT_MS) .. '-0'
    redis.call('XTRIM', base .. 'journal', 'MINID', '~', oldest)
end

local function journal_write(base, facts)
    if #facts > 0 then
        local entry = '[' .. table.concat(facts, ',') .. ']'
        redis.call('XADD', base .. 'journal', '*', 'facts', entry)
    end
end

-- KEYS: a partition's base. ARGV: facts.
local function journal_add(keys, args)
    local wrong = wrong_type(keys[1] .. 'journal', 'stream')
    if wrong then
        return wrong
    end
    if args[1] ~= '' then
        journal_write(keys[1], { args[1] })
    end
    return redis.status_reply('OK')
end
