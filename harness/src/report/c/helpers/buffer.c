/* A byte that is registered with io_uring(7): its page is pinned, to be read and written. */
struct buffer {
	char *place;
	int ring;
	struct io_uring_params offsets;
	char *queues;
	struct io_uring_sqe *entry;
};

static int unregister_buffer(struct buffer **name)
{
	struct buffer *buffer = *name;

	if (buffer == NULL) {
		errno = EBADF;
		return -1;
	}
	syscall(SYS_io_uring_register, buffer->ring, IORING_UNREGISTER_BUFFERS, NULL, 0);
	munmap(buffer->queues, page);
	munmap(buffer->entry, page);
	close(buffer->ring);
	free(buffer);
	*name = NULL;
	return 0;
}
