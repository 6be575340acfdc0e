/* The value, if the byte was copied; not every user may do that. */
static int copied(const char *call, ssize_t length, int value)
{
	if (length == -1 && (errno == EPERM || errno == ENOSYS))
		cannot_tell(call);
	return length == 1 ? value : -1;
}
