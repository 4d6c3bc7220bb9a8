-- SPDX-License-Identifier: Apache-2.0
--
-- How fast channels may be used, over all senders.

-- ---- throttles ----
--
-- throttle:KEY holds the places taken in one window: slot -> instant at which it went, or (ahead)
-- shall go. throttle-closed:CHANNEL holds until when a mailbox, or '*' for all, was closed.
-- Service time all of it; what nobody asks for any more expires.

local function throttle_key(base, key)
    return base .. 'throttle:' .. key
end

local function closed_key(base, channel)
    return base .. 'throttle-closed:' .. channel
end

local LIMIT_ARGS = 3 -- key, window ms, max

-- For each ask: slot, mailbox, '1' when urgent, number of limits, the limits. nil: nonsense.
local function asks_read(args)
    local asks, at = {}, 3
    while at <= #args do
        local ask = {
            slot = args[at], mailbox = args[at + 1], urgent = args[at + 2] == '1', limits = {} }
        local count = tonumber(args[at + 3])
        if not count or at + 3 + count * LIMIT_ARGS > #args then
            return nil
        end
        at = at + 4
        for i = 1, count do
            local window, max = tonumber(args[at + 1]), tonumber(args[at + 2])
            if not window or not max or window < 1 or max < 1 then
                return nil
            end
            ask.limits[i] = { key = args[at], window = window, max = max }
            at = at + LIMIT_ARGS
        end
        asks[#asks + 1] = ask
    end
    return asks
end

local function asks_check(base, channel, asks)
    local wrong = wrong_type(closed_key(base, channel), 'hash')
    for _, ask in ipairs(asks) do
        for _, limit in ipairs(ask.limits) do
            wrong = wrong or wrong_type(throttle_key(base, limit.key), 'zset')
        end
    end
    return wrong
end

-- The instant before which the max newest places up to `last` allow no more, or nil.
local function window_opens(key, limit, last)
    local newest = redis.call(
        'ZRANGE', key, last, '-inf', 'BYSCORE', 'REV', 'LIMIT', limit.max - 1, 1, 'WITHSCORES')
    return newest[2] and tonumber(newest[2]) + limit.window
end

-- Takes the ask's own place out of the window, and says when it may go by this limit.
local function limit_ask(base, ask, limit, now)
    local key = throttle_key(base, limit.key)
    redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now - limit.window))
    local own = tonumber(redis.call('ZSCORE', key, ask.slot) or '-1')
    redis.call('ZREM', key, ask.slot)
    local opens = window_opens(key, limit, whole(now))
    if not opens or opens <= now then
        return now, own
    end
    if own > now then
        return own, own -- it keeps its place
    end
    if own >= 0 or ask.urgent then
        return opens, own -- before those that wait
    end
    return window_opens(key, limit, '+inf'), own
end

-- The end of the queue of those that wait, at least `from`: where many wait for one instant, each
-- window after it takes its share.
local function limit_queue(base, ask, limit, from)
    if ask.urgent then
        return from
    end
    return math.max(from, window_opens(throttle_key(base, limit.key), limit, '+inf') or from)
end

local function throttle_ask(base, ask, closed, now)
    local go = math.max(now, closed)
    local waits = false
    for _, limit in ipairs(ask.limits) do
        local at, own = limit_ask(base, ask, limit, now)
        go = math.max(go, at)
        waits = waits or own >= 0
    end
    if go > now and not waits then
        for _, limit in ipairs(ask.limits) do
            go = math.max(go, limit_queue(base, ask, limit, go))
        end
    end
    for _, limit in ipairs(ask.limits) do
        local key = throttle_key(base, limit.key)
        redis.call('ZADD', key, whole(go), ask.slot)
        redis.call('PEXPIRE', key, whole(limit.window + DAY_MS))
    end
    return go
end

-- KEYS: a partition's base. ARGV: channel, now ms, asks. Answers for each the instant at which it
-- may go: now, or a later one at which its place is kept.
local function throttle_take(keys, args)
    local base, channel, now = keys[1], args[1], tonumber(args[2])
    local asks = asks_read(args)
    if not asks or not now then
        return argument_error('a throttle that cannot be')
    end
    local wrong = asks_check(base, channel, asks)
    if wrong then
        return wrong
    end
    local closed_all = tonumber(redis.call('HGET', closed_key(base, channel), '*') or '0') or 0
    local answer = {}
    for i, ask in ipairs(asks) do
        local closed = redis.call('HGET', closed_key(base, channel), ask.mailbox)
        closed = math.max(closed_all, tonumber(closed or '0') or 0)
        answer[i] = whole(throttle_ask(base, ask, closed, now))
    end
    return answer
end

-- KEYS: a partition's base. ARGV: channel, mailbox ('*' all of them), until ms. The later instant
-- counts.
local function throttle_close(keys, args)
    local key = closed_key(keys[1], args[1])
    local wrong = wrong_type(key, 'hash')
    if wrong then
        return wrong
    end
    if not is_number(args[3] or '') then
        return argument_error('a closing without an end')
    end
    local before = tonumber(redis.call('HGET', key, args[2]) or '0') or 0
    if tonumber(args[3]) > before then
        redis.call('HSET', key, args[2], args[3])
    end
    redis.call('PEXPIRE', key, whole(2 * DAY_MS))
    return redis.status_reply('OK')
end

redis.register_function('nrt1_throttle_take', throttle_take)
redis.register_function('nrt1_throttle_close', throttle_close)
