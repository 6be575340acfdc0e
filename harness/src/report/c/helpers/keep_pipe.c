/* The pin is the new pipe now, if anything came into it. */
static ssize_t keep_pipe(int pin[2], int ends[2], ssize_t length)
{
	int error = errno;

	unpin(length > 0 ? pin : ends);
	if (length > 0)
		memcpy(pin, ends, 2 * sizeof(*pin));
	errno = error;
	return length;
}
