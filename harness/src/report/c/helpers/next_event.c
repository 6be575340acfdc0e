enum event { NO_EVENT, FAULT_MISSING, FAULT_MINOR, FAULT_WRITE_PROTECTED, FORKED };

/* Where the last event was. */
static char *event_at;

/* What a userfaultfd has to tell. A fork brings one for the child, which is kept or closed. */
static int next_event(int handler, int *of_child)
{
	struct uffd_msg message;

	if (read(handler, &message, sizeof(message)) == -1)
		return errno == EAGAIN ? NO_EVENT : -1;
	if (message.event == UFFD_EVENT_FORK) {
		if (of_child == NULL)
			return close(message.arg.fork.ufd) == 0 ? FORKED : -1;
		if (*of_child != -1)
			close(*of_child);
		*of_child = message.arg.fork.ufd;
		return FORKED;
	}
	event_at = (char *)(uintptr_t)message.arg.pagefault.address;
	if (message.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP)
		return FAULT_WRITE_PROTECTED;
	if (message.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_MINOR)
		return FAULT_MINOR;
	return FAULT_MISSING;
}
