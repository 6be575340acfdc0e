/* Moves the byte to a file or from it: the pinned page's, whatever is mapped at its place now. */
static void move_byte(struct buffer *buffer, int operation, int file)
{
	struct io_sqring_offsets *to = &buffer->offsets.sq_off;
	struct io_cqring_offsets *from = &buffer->offsets.cq_off;
	unsigned int *tail = (unsigned int *)(buffer->queues + to->tail);
	unsigned int *head = (unsigned int *)(buffer->queues + from->head);
	struct io_uring_cqe *ends = (struct io_uring_cqe *)(buffer->queues + from->cqes);
	int moved;

	*buffer->entry = (struct io_uring_sqe){ .opcode = operation, .fd = file, .len = 1 };
	buffer->entry->addr = (uintptr_t)buffer->place;
	++*tail;
	if (syscall(SYS_io_uring_enter, buffer->ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		cannot_tell("io_uring_enter");
	moved = ends[*head % buffer->offsets.cq_entries].res;
	++*head;
	if (moved != 1) {
		errno = moved < 0 ? -moved : EIO;
		cannot_tell("io_uring");
	}
}
