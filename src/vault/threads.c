#include "threads.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

struct job {
	struct vault_request request;
	struct wire_tag tag;
};

struct lane {
	int fd;
	unsigned first, waiting;
	struct job ring[VAULT_LANE];
};

struct threads {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping;
	int n, turn;		/* lanes; the one to look at next */
	threads_work *work;
	void *arg;
	int threads;
	pthread_t thread[VAULT_THREADS_MAX];
	struct lane lane[];
};

/* The next lane with work, from the one after the last served; NULL where none has any. */
static struct lane *next_lane(struct threads *p)
{
	for (int i = 0; i < p->n; i++) {
		struct lane *lane = &p->lane[(p->turn + i) % p->n];

		if (lane->waiting > 0) {
			p->turn = (int)(lane - p->lane) + 1;
			return lane;
		}
	}
	return NULL;
}

static void lane_pop(struct lane *lane, struct job *job)
{
	struct job *first = &lane->ring[lane->first];

	*job = *first;
	sodium_memzero(first, sizeof(*first));
	lane->first = (lane->first + 1) % VAULT_LANE;
	lane->waiting--;
}

/* Waits for work; the line to answer on, or -1 when the pool stops. */
static int threads_take(struct threads *p, struct job *job)
{
	struct lane *lane = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->stopping && !(lane = next_lane(p)))
		pthread_cond_wait(&p->wake, &p->lock);
	if (lane)
		lane_pop(lane, job);
	pthread_mutex_unlock(&p->lock);
	return lane ? lane->fd : -1;
}

static void do_job(struct threads *p, struct job *job, int fd)
{
	struct vault_answer answer = { .status = VAULT_REFUSED };

	p->work(&job->request, &answer, p->arg);
	wire_answer_send(fd, &answer, job->tag);
	sodium_memzero(&answer, sizeof(answer));
	sodium_memzero(job, sizeof(*job));
}

static void *thread_main(void *arg)
{
	struct job job;
	int fd;

	while ((fd = threads_take(arg, &job)) >= 0)
		do_job(arg, &job, fd);
	return NULL;
}

struct threads *threads_new(const int fds[], int n, int threads, threads_work *work, void *arg)
{
	struct threads *p = must_calloc(1, sizeof(*p) + (size_t)n * sizeof(p->lane[0]));

	if (pthread_mutex_init(&p->lock, NULL) != 0 || pthread_cond_init(&p->wake, NULL) != 0)
		die("threads: pthread_mutex_init, pthread_cond_init");
	p->n = n;
	p->work = work;
	p->arg = arg;
	for (int i = 0; i < n; i++)
		p->lane[i].fd = fds[i];
	for (; p->threads < threads; p->threads++) {
		if (pthread_create(&p->thread[p->threads], NULL, thread_main, p) != 0) {
			threads_free(p);
			return NULL;
		}
	}
	return p;
}

bool threads_push(struct threads *p, int lane, const struct vault_request *request, struct wire_tag tag)
{
	struct lane *l = &p->lane[lane];
	bool room;

	pthread_mutex_lock(&p->lock);
	room = l->waiting < VAULT_LANE;
	if (room) {
		l->ring[(l->first + l->waiting++) % VAULT_LANE] =
			(struct job){ .request = *request, .tag = tag };
		pthread_cond_signal(&p->wake);
	}
	pthread_mutex_unlock(&p->lock);
	return room;
}

void threads_free(struct threads *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
	for (int i = 0; i < p->threads; i++)
		pthread_join(p->thread[i], NULL);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	sodium_memzero(p->lane, (size_t)p->n * sizeof(p->lane[0]));
	free(p);
}
