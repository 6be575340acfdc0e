#define EXPECT_EVENT(call, event, at) \
	do { \
		EXPECT(call, event); \
		EXPECT(event_at, at); \
	} while (0)
